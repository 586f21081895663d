using Admin.Imports;
using Licensing.Assignments;
using Xunit;

namespace Admin.Unit.Tests;

/// <summary>How lines that name assignments to remove are parsed.</summary>
public sealed class AssignmentRemovalCsvTests
{
    private static readonly Assignment[] Existing =
    [
        Of(id: 11, user: 1, license: 1),
        Of(id: 12, user: 1, license: 2),
        Of(id: 13, user: 2, license: 1),
    ];

    [Theory]
    [InlineData("11,,", null, 11L)]
    [InlineData("12,,", 1L, 12L)]
    [InlineData("12,ada@example.org,1", 1L, 12L)]
    [InlineData(",ADA@example.org,", 1L, 11L)]
    [InlineData(",ada@example.org,", 2L, 12L)]
    [InlineData(",,2", 1L, 13L)]
    [InlineData(",ada@example.org,2", 1L, 13L)]
    [InlineData("99,,", 1L, null)]
    [InlineData(",eve@example.org,", 1L, null)]
    [InlineData(",,2", 2L, null)]
    public void An_assignment_is_identified_by_id_or_by_user_and_license_and_need_not_exist(string line, long? license, long? assignment)
    {
        ImportRow<Assignment?> row = Assert.Single(Rows(line, license));

        Assert.Equal((2, assignment, null, assignment is not null), (row.Line, row.Value?.Id, row.Fault, row.Exists));
    }

    [Theory]
    [InlineData("zero,,", 1L, "id is not a whole number, 1 or more")]
    [InlineData("0,ada@example.org,1", 1L, "id is not a whole number, 1 or more")]
    [InlineData(",ada@example.org,", null, "email and user_id need --license")]
    [InlineData(",,2", null, "email and user_id need --license")]
    [InlineData(",ada@example.org,0", 1L, "user_id is not a whole number, 1 or more")]
    [InlineData(",nonsense,", 1L, "email is not an e-mail address")]
    [InlineData("11,,,x", null, "it has 4 cells and the first line names 3 columns")]
    public void A_line_without_a_valid_assignment_says_why(string line, long? license, string fault)
    {
        ImportRow<Assignment?> row = Assert.Single(Rows(line, license));

        Assert.Equal((2, null, fault, false), (row.Line, row.Value, row.Fault, row.Exists));
    }

    [Fact]
    public void A_line_without_any_identifier_says_so() => Assert.Equal(
        "id, email or user_id is required",
        Assert.Single(AssignmentRemovalCsv.Check(
            Files.Lines("id,note\n,x\n", AssignmentRemovalCsv.Columns), Existing, Files.Known(), licenseId: null)).Fault);

    [Theory]
    [InlineData("id,note\n11,\"a\n12,b\"\n")]
    [InlineData("note,email\n\"a\nb,ada@example.org\",eve@example.org\n")]
    public void A_row_inside_a_quoted_cell_is_detected_by_its_id_or_address(string text) => Assert.Matches(
        "^Line 2 has a quoted cell that contains line 3",
        Assert.Throws<UnreadableFileException>(() => Files.Lines(text, AssignmentRemovalCsv.Columns).ToList()).Message);

    [Fact]
    public void A_quoted_cell_may_contain_lines_that_are_not_rows() =>
        Assert.Single(Files.Lines("id,note\n11,\"a\n0,b\nc,d\"\n", AssignmentRemovalCsv.Columns));

    [Fact]
    public void The_header_must_have_an_assignment_column() => Assert.Equal(
        "The first line must name a column id or email or user_id, and commas, semicolons or tabs must separate columns.",
        Assert.Throws<UnreadableFileException>(() => Files.Lines("license\n", AssignmentRemovalCsv.Columns).ToList()).Message);

    private static IReadOnlyList<ImportRow<Assignment?>> Rows(string line, long? license) => AssignmentRemovalCsv.Check(
        Files.Lines($"id,email,user_id\n{line}\n", AssignmentRemovalCsv.Columns),
        Existing,
        Files.Known((1, "ada@example.org"), (2, null)),
        license);

    private static Assignment Of(long id, long user, long license) =>
        new("acme", id, user, license, new AssignmentState(Active: true, Fulfilled: false, "{}"), Version: 1);
}
