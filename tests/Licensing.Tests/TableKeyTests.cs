using Licensing.Platforms;
using Licensing.Storage;
using Xunit;

namespace Licensing.Tests;

[Trait("Speed", "Fast")]
public sealed class TableKeyTests
{
    private static readonly string[] Awkward =
    [
        "a/b", "a\\b", "a#b", "a?b", "a%b", "a'b", "a''b", "a+b", "a b", "a~b", "a=b", "a=2Fb", "a%2Fb", "ä", "Ä", "a\u0001b",
        "\ud83d\ude00", "a", "A", "", "demo", "demo ", " demo", "demo-1", "demo_1", "demo.1",
    ];

    [Fact]
    public void No_two_texts_share_a_key() =>
        Assert.Equal(Awkward.Length, Awkward.Select(TableKey.Escape).Distinct(StringComparer.Ordinal).Count());

    [Fact]
    public void A_key_has_only_characters_that_every_client_transmits() =>
        Assert.All(Awkward, text => Assert.Matches("^[A-Za-z0-9._=-]*$", TableKey.Escape(text)));

    [Fact]
    public void The_longest_platform_key_fits_a_table_key() =>
        Assert.True(TableKey.Escape(new string('/', Platform.MaxKeyBytes)).Length <= 512);

    [Fact]
    public void Ids_sort_as_numbers()
    {
        long[] ids = [1, 9, 10, 99, 2_147_483_648, long.MaxValue];
        Assert.Equal(ids.Select(TableKey.License), ids.Select(TableKey.License).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Changes_sort_by_assignment_and_version()
    {
        string[] keys = [TableKey.Change(5, 1), TableKey.Change(5, 2), TableKey.Change(5, 10), TableKey.Change(40, 1)];
        Assert.Equal(keys, keys.Order(StringComparer.Ordinal));
        Assert.Equal(3, keys.Count(key => key.StartsWith(TableKey.ChangesOf(5), StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(long.MaxValue, 0)]
    [InlineData(-5, 7)]
    [InlineData(5, -7)]
    public void Ids_are_read_back_from_keys(long one, long other)
    {
        Assert.Equal((one, other), TableKey.IdsIn(TableKey.Assignment(one, other)));
        Assert.Equal(one, TableKey.IdIn(TableKey.User(one)));
    }

    [Fact]
    public void The_range_of_a_prefix_ends_before_the_next_kind_of_row()
    {
        string end = TableKey.After(TableKey.AssignmentsOf(12));
        Assert.True(string.CompareOrdinal(TableKey.Assignment(12, long.MaxValue), end) < 0);
        Assert.True(string.CompareOrdinal(TableKey.Assignment(13, 0), end) > 0);
    }
}
