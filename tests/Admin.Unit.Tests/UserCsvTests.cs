using Admin.Imports;
using Licensing.Users;
using Xunit;

namespace Admin.Unit.Tests;

/// <summary>How lines of users are parsed and checked.</summary>
public sealed class UserCsvTests
{
    [Fact]
    public void A_user_may_have_an_address_an_id_or_both()
    {
        ImportRow<NewUser>[] rows = Rows("username,email,id\nada,Ada@example.org,\nbob,,7\neve,eve@example.org,8\n");

        Assert.Equal(
            [
                new(2, new NewUser(null, "ada", Files.Address("ada@example.org")), null, Exists: false),
                new(3, new NewUser(7, "bob", null), null, Exists: false),
                new(4, new NewUser(8, "eve", Files.Address("eve@example.org")), null, Exists: false),
            ],
            rows);
        Assert.Equal("Ada@example.org", rows[0].Value.Email!.Text);
    }

    [Fact]
    public void Names_have_at_most_256_characters()
    {
        string longest = new('a', 256);

        Assert.Equal(
            [
                (2, null),
                (3, "username contains control characters or is longer than 256 characters"),
                (4, "username contains control characters or is longer than 256 characters"),
                (5, "username is missing"),
            ],
            Faults($"username,id\n{longest},1\n{longest}a,2\na\u0001b,3\n,4\n"));
    }

    [Theory]
    [InlineData("ada,nonsense,", "email is not an e-mail address")]
    [InlineData("ada,nonsense,7", "email is not an e-mail address")]
    [InlineData("ada,,0", "id is not a whole number, 1 or more")]
    [InlineData("ada,,-1", "id is not a whole number, 1 or more")]
    [InlineData("ada,,1.5", "id is not a whole number, 1 or more")]
    [InlineData("ada,ada@example.org,9223372036854775808", "id is not a whole number, 1 or more")]
    [InlineData("ada,,", "email or id is required")]
    [InlineData("ada,ada@example.org,1,x", "it has 4 cells and the first line names 3 columns")]
    public void A_line_without_a_valid_user_says_why(string line, string fault) =>
        Assert.Equal([(2, fault)], Faults($"username,email,id\n{line}\n"));

    [Theory]
    [InlineData("1")]
    [InlineData("9223372036854775807")]
    public void Ids_are_positive_64_bit_integers(string id) => Assert.Equal([(2, null)], Faults($"username,id\nada,{id}\n"));

    [Fact]
    public void Two_lines_must_not_have_the_same_address_or_id() =>
        Assert.Equal(
            [(2, null), (3, "the id is the same as in line 2"), (4, "the e-mail address is the same as in line 2"), (5, null), (6, "the id is the same as in line 2")],
            Faults("username,email,id\nada,ada@example.org,1\nbob,bob@example.org,1\neve,ADA@example.org,\nfay,,2\ngus,ada@example.org,1\n"));

    [Theory]
    [InlineData("ada,ada@example.org,")]
    [InlineData("ada,ada@example.org,1")]
    [InlineData("other name,ada@example.org,1")]
    [InlineData("ada,,1")]
    [InlineData("bob,,2")]
    public void An_existing_user_is_recognized_by_address_or_id(string line)
    {
        ImportRow<NewUser> row = Assert.Single(Rows($"username,email,id\n{line}\n", (1, "ada@example.org"), (2, null)));

        Assert.True(row.Exists);
        Assert.Null(row.Fault);
    }

    [Theory]
    [InlineData("eve,ada@example.org,3", "user 1 has this e-mail address")]
    [InlineData("bob,ada@example.org,2", "user 1 has this e-mail address")]
    [InlineData("bob,bob@example.org,2", "user 2 has no e-mail address: set it with 'user update', or omit it here")]
    [InlineData("ada,eve@example.org,1", "user 1 has another e-mail address")]
    public void A_line_that_contradicts_an_existing_user_says_how(string line, string fault) =>
        Assert.Equal(fault, Assert.Single(Rows($"username,email,id\n{line}\n", (1, "ada@example.org"), (2, null))).Fault);

    [Fact]
    public void A_row_inside_a_quoted_cell_is_detected_by_its_address_or_id()
    {
        foreach (string text in new[]
        {
            "username,email,note\nada,ada@example.org,\"5 inch\nbob,bob@example.org,6 inch\"\n",
            "username,id,note\nada,1,\"5 inch\nbob,2,6 inch\"\n",
        })
        {
            Assert.StartsWith(
                "Line 2 has a quoted cell that contains line 3", Assert.Throws<UnreadableFileException>(() => Rows(text)).Message, StringComparison.Ordinal);
        }

        Assert.Single(Rows("username,email,id\n\"a,b,c\nd,e,f\",ada@example.org,1\n"));
    }

    [Theory]
    [InlineData("email,id\n", "username")]
    [InlineData("username\n", "email or id")]
    public void The_header_must_name_the_columns(string text, string columns) => Assert.Equal(
        $"The first line must name a column {columns}, and commas, semicolons or tabs must separate columns.",
        Assert.Throws<UnreadableFileException>(() => Rows(text)).Message);

    private static ImportRow<NewUser>[] Rows(string text, params (long Id, string? Email)[] existing) =>
        [.. UserCsv.Check(Files.Lines(text, UserCsv.Columns), Files.Known(existing))];

    private static IEnumerable<(int Line, string? Fault)> Faults(string text) => Rows(text).Select(row => (row.Line, row.Fault));
}
