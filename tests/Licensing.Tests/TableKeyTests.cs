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
    public void Keys_have_only_characters_that_need_no_URL_escaping() =>
        Assert.All(Awkward, text => Assert.Matches("^[A-Za-z0-9._=-]*$", TableKey.Escape(text)));

    [Fact]
    public void The_longest_platform_key_fits_a_table_key() =>
        Assert.True(TableKey.Escape(new string('/', Platform.MaxKeyBytes)).Length <= 512);

    [Theory]
    [InlineData("demo-1_a.B", "demo-1_a.B")]
    [InlineData("a/b", "a=2Fb")]
    [InlineData("a=b c", "a=3Db=20c")]
    [InlineData("ä\u0001", "=C3=A4=01")]
    public void All_other_bytes_are_escaped(string text, string key) => Assert.Equal(key, TableKey.Escape(text));

    /// <summary>Existing rows would not be found under other keys; see docs/design.md.</summary>
    [Fact]
    public void Keys_match_those_of_existing_rows()
    {
        Assert.Equal("license-0000000000000000012", TableKey.License(12));
        Assert.Equal("license-0000000000000000012-3-here", TableKey.Allotment(12, "3-here"));
        Assert.Equal("user-0000000000000000012", TableKey.User(12));
        Assert.Equal("assignment-0000000000000000012-0000000000000000007", TableKey.Assignment(userId: 12, licenseId: 7));
        Assert.Equal("assignment-0000000000000000012-", TableKey.AssignmentsOf(12));
        Assert.Equal("history-0000000000000000012-0000000007", TableKey.Change(12, version: 7));
        Assert.Equal("history-0000000000000000012-0000000001", TableKey.FirstChange(12));
        Assert.Equal("history-0000000000000000012-", TableKey.ChangesOf(12));
        Assert.Equal("licensechange-0000000000000000012-0000000000000000007", TableKey.LicenseChange(12, version: 7));
        Assert.Equal("licensechange-0000000000000000012-", TableKey.LicenseChangesOf(12));
        // The SHA-256 hash of the text in UTF-8.
        Assert.Equal("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", TableKey.Hash("abc"));
    }

    [Theory]
    [InlineData(12, null)]
    [InlineData(-12, null)]
    [InlineData(12, "3-here")]
    [InlineData(-12, "3-here")]
    [InlineData(long.MaxValue, "3-here")]
    public void License_and_allotment_keys_can_be_parsed_back(long id, string? allotment) =>
        Assert.Equal((id, allotment), TableKey.LicenseIn(allotment is null ? TableKey.License(id) : TableKey.Allotment(id, allotment)));

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
    public void Ids_can_be_parsed_back_from_keys(long one, long other)
    {
        Assert.Equal((one, other), TableKey.IdsIn(TableKey.Assignment(one, other)));
        Assert.Equal(one, TableKey.IdIn(TableKey.User(one)));
    }

    [Fact]
    public void A_prefix_range_ends_before_the_next_kind_of_row()
    {
        string end = TableKey.After(TableKey.AssignmentsOf(12));
        Assert.True(string.CompareOrdinal(TableKey.Assignment(12, long.MaxValue), end) < 0);
        Assert.True(string.CompareOrdinal(TableKey.Assignment(13, 0), end) > 0);
    }
}
