using Licensing.Storage;
using Xunit;

namespace Licensing.Tests;

public sealed class PluralTests
{
    [Theory]
    [InlineData(0, "seats are")]
    [InlineData(1, "seat is")]
    [InlineData(2, "seats are")]
    [InlineData(-1, "seats are")]
    [InlineData(long.MaxValue, "seats are")]
    public void Only_one_of_a_thing_is_in_the_singular(long count, string words) =>
        Assert.Equal(words, $"{Plural.For(count, "seat")} {Plural.For(count, "is", "are")}");
}
