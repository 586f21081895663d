using Admin.Imports;
using Licensing.Users;
using Xunit;

namespace Admin.Unit.Tests;

/// <summary>How lines of assignments are parsed and checked.</summary>
public sealed class AssignmentCsvTests
{
    [Theory]
    [InlineData("ada@example.org,,,", 1, true, false, false)]
    [InlineData("ADA@example.org,1,true,false", 1, true, false, true)]
    [InlineData(",2,FALSE,True", 2, false, true, true)]
    [InlineData("ada@example.org,,false,", 1, false, false, false)]
    public void A_user_is_identified_by_address_or_id_and_omitted_columns_get_the_API_defaults(
        string line, long user, bool active, bool fulfilled, bool saysFulfilled) =>
        Assert.Equal(
            new ImportRow<NewAssignment>(2, new NewAssignment(user, active, fulfilled, saysFulfilled), null, Exists: false),
            Assert.Single(Rows($"email,user_id,active,fulfilled\n{line}\n")));

    [Theory]
    [InlineData(",,true,", "email or user_id is required")]
    [InlineData("nonsense,1,,", "email is not an e-mail address")]
    [InlineData(",zero,,", "user_id is not a whole number, 1 or more")]
    [InlineData(",0,,", "user_id is not a whole number, 1 or more")]
    [InlineData(",1,perhaps,", "active is neither true nor false")]
    [InlineData(",1,,1", "fulfilled is neither true nor false")]
    [InlineData("eve@example.org,,,", "no user has this e-mail address")]
    [InlineData("eve@example.org,1,,", "no user has this e-mail address")]
    [InlineData(",3,,", "no user has this id")]
    [InlineData("ada@example.org,3,,", "no user has this id")]
    [InlineData("ada@example.org,2,,", "email and user_id name different users")]
    [InlineData(",1,,,5", "it has 5 cells and the first line names 4 columns")]
    public void A_line_without_a_valid_assignment_says_why(string line, string fault) =>
        Assert.Equal(fault, Assert.Single(Rows($"email,user_id,active,fulfilled\n{line}\n")).Fault);

    [Fact]
    public void Two_lines_must_not_name_the_same_user() =>
        Assert.Equal(
            [(2, null), (3, null), (4, "the user is the same as in line 2")],
            Rows("email,user_id\nada@example.org,\n,2\n,1\n").Select(row => (row.Line, row.Fault)));

    [Fact]
    public void An_existing_assignment_is_recognized() =>
        Assert.Equal([true, false], Rows("user_id\n1\n2\n", assigned: 1).Select(row => row.Exists));

    [Fact]
    public void A_row_inside_a_quoted_cell_is_detected_by_its_address_or_id()
    {
        foreach (string text in new[]
        {
            "email,note\nada@example.org,\"5 inch\nbob@example.org,6 inch\"\n",
            "user_id,note\n1,\"5 inch\n2,6 inch\"\n",
        })
        {
            Assert.StartsWith(
                "Line 2 has a quoted cell that contains line 3", Assert.Throws<UnreadableFileException>(() => Rows(text)).Message, StringComparison.Ordinal);
        }

        Assert.Single(Rows("email,note\nada@example.org,\"a,b\nc,d\"\n"));
    }

    [Fact]
    public void The_header_must_have_a_user_column() => Assert.Equal(
        "The first line must name a column email or user_id, and commas, semicolons or tabs must separate columns.",
        Assert.Throws<UnreadableFileException>(() => Rows("active,fulfilled,username\n")).Message);

    [Fact]
    public void Unknown_addresses_become_new_users_named_by_the_line_or_by_address() =>
        Assert.Equal(
            [
                (3, new NewUser(null, "Eve", Files.Address("eve@example.org")), null),
                (6, new NewUser(null, "Fay@example.org", Files.Address("fay@example.org")), null),
                (9, new NewUser(null, "gus", Files.Address("gus@example.org")), null),
            ],
            NewUsers("""
                email,user_id,username
                ada@example.org,,Ada
                eve@example.org,,Eve
                EVE@example.org,,Second
                hal@example.org,3,Hal
                Fay@example.org,,
                nonsense,,None
                ,2,Bob
                gus@example.org,,gus
                ida@example.org,,Ida,more

                """));

    [Fact]
    public void A_placeholder_with_a_negative_id_is_a_new_user() =>
        Assert.Equal([2, 4], NewUsers("email\neve@example.org\nada@example.org\nfay@example.org\n", (-1, "eve@example.org"), (-2, "fay@example.org")).Select(user => user.Line));

    [Fact]
    public void The_name_of_a_new_user_has_at_most_256_characters()
    {
        string longest = new('a', 256);
        const string Fault = "username contains control characters or is longer than 256 characters";

        Assert.Equal(
            [(2, null), (3, Fault), (4, Fault)],
            NewUsers($"email,username\na@example.org,{longest}\nb@example.org,{longest}a\nc@example.org,c\u0001d\n").Select(user => (user.Line, user.Fault)));
    }

    private static ImportRow<NewAssignment>[] Rows(string text, params long[] assigned) =>
        [.. AssignmentCsv.Check(Files.Lines(text, AssignmentCsv.Columns), Files.Known((1, "ada@example.org"), (2, null)), assigned.ToHashSet())];

    private static IEnumerable<(int Line, NewUser User, string? Fault)> NewUsers(string text, params (long Id, string? Email)[] more) =>
        AssignmentCsv.NewUsers(Files.Lines(text, AssignmentCsv.Columns), Files.Known([(1, "ada@example.org"), .. more])).Select(row =>
        {
            Assert.False(row.Exists);
            return (row.Line, row.Value, row.Fault);
        });
}
