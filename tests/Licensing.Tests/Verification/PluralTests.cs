using Licensing.Verification;
using Xunit;

namespace Licensing.Tests.Verification;

public sealed class PluralTests
{
    [Theory]
    [InlineData(0, "seats are")]
    [InlineData(1, "seat is")]
    [InlineData(2, "seats are")]
    [InlineData(-1, "seats are")]
    [InlineData(long.MaxValue, "seats are")]
    public void Only_1_is_singular(long count, string words) =>
        Assert.Equal(words, $"{Plural.For(count, "seat")} {Plural.For(count, "is", "are")}");
}
