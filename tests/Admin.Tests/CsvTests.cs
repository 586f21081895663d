using System.Text;
using System.Text.Json.Nodes;
using Licensing.Users;
using TestSupport;
using Xunit;

namespace Admin.Tests;

/// <summary>CSV files as spreadsheets and scripts write them: each line is imported or reported, none is lost.</summary>
public sealed class CsvTests(AzuriteFixture azurite) : IDisposable
{
    private const string Header = "username,email,note\n";

    private readonly Provisioning _there = new(azurite);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _there.Dispose();

    [Theory]
    [InlineData("ada,ada@example.org,\"5 inch\nbob,bob@example.org,\neve,eve@example.org,\n", "Line 2 has a quote without a match")]
    [InlineData("gus,gus@example.org,\nada,ada@example.org,\"5 inch\nbob,bob@example.org,\"6 inch\neve,eve@example.org,\n", "Line 3 has a quote without a match")]
    [InlineData("ada,ada@example.org,\"5 inch\nbob,bob@example.org,6 inch\"\neve,eve@example.org,\n", "Line 2 has a quoted cell that contains line 3")]
    [InlineData("ada,\"ada@example.org,\nbob,bob@example.org,\n\"eve\",eve@example.org,\n", "Line 2 has a quote without a match")]
    [InlineData("\"ada,ada@example.org,\nbob,bob@example.org,\neve,eve@example.org,", "Line 2 has a quote without a match")]
    [InlineData("ada,ada@example.org,\"a note\nof \"two\" lines\"\nbob,bob@example.org,\n", "Line 2 has a quote without a match")]
    public async Task An_unclosed_quote_that_spans_lines_fails_the_import_and_names_its_line(string rows, string sentence)
    {
        await _there.PlatformAsync("acme");
        string people = _there.Write("people.csv", Header + rows);

        foreach (string[] options in new string[][] { [], ["--skip-invalid"] })
        {
            AdminResult result = await _there.RunAsync(["user", "import", "acme", people, .. options]);

            Assert.Equal((1, ""), (result.ExitCode, result.Output));
            Assert.StartsWith(sentence, result.Error, StringComparison.Ordinal);
        }

        Assert.Empty(await UsersAsync());
    }

    [Fact]
    public async Task A_mismatched_quote_within_a_line_invalidates_only_that_line()
    {
        await _there.PlatformAsync("acme");
        string people = _there.Write("people.csv", Header + "ada,ada@example.org,5\" inch\nbob,bob@example.org,\"5\" inch\neve,eve@example.org,\ngus,gus@example.org,\"last\n\n");

        AdminResult result = await _there.RunAsync("user", "import", "acme", people, "--skip-invalid");

        Assert.Equal(
            new AdminResult(
                0,
                "1 user added to platform acme, 0 already there, 3 skipped.\n",
                "line 2: the quotes do not match\nline 3: the quotes do not match\nline 5: the quotes do not match\n"),
            result);
        Assert.Equal(["eve"], await UsersAsync());
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    [InlineData("\r")]
    public async Task A_multiline_cell_does_not_shift_later_line_numbers(string lineBreak)
    {
        await _there.PlatformAsync("acme");
        string text = Header + "ada,ada@example.org,\"first, with a comma\n\"\"second\"\"\nthird\"\nbob,nonsense,\n \"eve\" ,\teve@example.org, \"spaces around\" \n";
        string people = _there.Write("people.csv", text.Replace("\n", lineBreak, StringComparison.Ordinal));

        AdminResult result = await _there.RunAsync("user", "import", "acme", people, "--skip-invalid");

        Assert.Equal(
            new AdminResult(0, "2 users added to platform acme, 0 already there, 1 skipped.\n", "line 5: email is not an e-mail address\n"), result);
        Assert.Equal(["ada", "eve"], await UsersAsync());
    }

    [Theory]
    [MemberData(nameof(InvalidText))]
    public async Task Undecodable_text_is_rejected_from_a_file_and_from_standard_input(byte[] bytes)
    {
        await _there.PlatformAsync("acme");
        string people = _there.Write("people.csv", bytes);
        const string Sentence = "The file is not UTF-8: save it as CSV in UTF-8.\n";

        Assert.Equal(new AdminResult(1, "", Sentence), await _there.RunAsync("user", "import", "acme", people));
        Assert.Equal(new AdminResult(1, "", Sentence), await AdminProcess.RunWithInputAsync(_there.Settings, bytes, "user", "import", "acme", "-"));
        Assert.Empty(await UsersAsync());
    }

    public static TheoryData<byte[]> InvalidText()
    {
        byte[] utf8Mark = [0xEF, 0xBB, 0xBF];
        byte[] latin1 = Encoding.Latin1.GetBytes("username,email\nÄda,ada@example.org\n");
        byte[] halfPairInUtf8 = [.. "username,email\nA"u8, 0xED, 0xA0, 0x80, .. "da,ada@example.org\n"u8];
        byte[] cutUtf8 = [.. "username,email\nada,ada@example.org\ngus"u8, 0xC3];
        byte[] halfPairInUtf16 = [.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes("username,email\nA"), 0x00, 0xD8, .. Encoding.Unicode.GetBytes("da,ada@example.org\n")];
        byte[] halfPairInBigEndian = [.. Encoding.BigEndianUnicode.GetPreamble(), .. Encoding.BigEndianUnicode.GetBytes("username,email\nA"), 0xDC, 0x00, .. Encoding.BigEndianUnicode.GetBytes("da,ada@example.org\n")];
        byte[] cutUtf16 = [.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes("username,email\nada,ada@example.org\n"), 0x41];
        return new TheoryData<byte[]>(
            latin1,
            [.. utf8Mark, .. latin1],
            halfPairInUtf8,
            [.. utf8Mark, .. halfPairInUtf8],
            cutUtf8,
            [.. utf8Mark, .. cutUtf8],
            halfPairInUtf16,
            halfPairInBigEndian,
            cutUtf16);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task UTF_16_with_a_byte_order_mark_is_read(bool bigEndian)
    {
        await _there.PlatformAsync("acme");
        UnicodeEncoding utf16 = new(bigEndian, byteOrderMark: true);
        string people = _there.Write("people.csv", [.. utf16.GetPreamble(), .. utf16.GetBytes("username,email\r\nŁucja 😀,lucja@example.org\r\n")]);

        await _there.DoneAsync("user", "import", "acme", people);

        Assert.Equal(["Łucja 😀"], await UsersAsync());
    }

    [Fact]
    public async Task A_replacement_character_or_NUL_invalidates_only_its_line()
    {
        await _there.PlatformAsync("acme");
        string people = _there.Write("people.csv", Header + "\uFFFDda,ada@example.org,\nbob,bob@example.org,\0\neve,eve@example.org,\uFFFD\n\0\0\0");

        AdminResult result = await _there.RunAsync("user", "import", "acme", people, "--skip-invalid");

        Assert.Equal(
            new AdminResult(
                0,
                "1 user added to platform acme, 0 already there, 3 skipped.\n",
                "line 2: it contains U+FFFD, which stands for a character that was lost\n"
                + "line 3: it contains NUL characters\n"
                + "line 5: it contains NUL characters\n"),
            result);
    }

    [Fact]
    public async Task Too_many_cells_invalidate_only_their_line()
    {
        await _there.PlatformAsync("acme");
        string people = _there.Write("people.csv", "email,username\nada@example.org,Lovelace, Ada\nbob@example.org,bob,\neve@example.org,eve\n");

        AdminResult result = await _there.RunAsync("user", "import", "acme", people, "--skip-invalid");

        Assert.Equal(
            new AdminResult(
                0,
                "1 user added to platform acme, 0 already there, 2 skipped.\n",
                "line 2: it has 3 cells and the first line names 2 columns\nline 3: it has 3 cells and the first line names 2 columns\n"),
            result);
        Assert.Equal(["eve"], await UsersAsync());
    }

    [Theory]
    [InlineData("username,email,Email\nada,ada@example.org,bob@example.org\n", "Line 1 names the column Email twice: rename or remove one of them.\n")]
    [InlineData("\nUSERNAME,email,username \nada,ada@example.org,bob\n", "Line 2 names the column username twice: rename or remove one of them.\n")]
    public async Task A_duplicate_column_is_rejected(string text, string sentence)
    {
        await _there.PlatformAsync("acme");

        Assert.Equal(
            new AdminResult(1, "", sentence),
            await _there.RunAsync("user", "import", "acme", _there.Write("people.csv", text), "--skip-invalid"));
    }

    [Fact]
    public async Task Blank_lines_are_skipped_but_counted_in_line_numbers()
    {
        await _there.PlatformAsync("acme");
        string people = _there.Write("people.csv", ",,\n" + Header + ",,\nada,ada@example.org,\n\n \t, ,\t\n,,,,,,,\nbob,nonsense,\n,,\n,,");

        AdminResult result = await _there.RunAsync("user", "import", "acme", people, "--skip-invalid", "--json");

        JsonNode json = JsonNode.Parse(result.Output)!;
        Assert.Equal((0, 2, 1), (result.ExitCode, json["rows"]!.GetValue<int>(), json["added"]!.GetValue<int>()));
        Assert.Equal("line 8: email is not an e-mail address\n", result.Error);
    }

    [Fact]
    public async Task Assignment_imports_follow_the_same_CSV_rules()
    {
        await _there.PlatformAsync("acme");
        await _there.LicenseAsync("Algebra");
        await _there.UserAsync("ada", "ada@example.org");
        await _there.UserAsync("bob", "bob@example.org");

        foreach ((string text, string error) in new[]
        {
            ("email,note\nada@example.org,\"5 inch\nbob@example.org,6 inch\n", "Line 2 has a quote without a match"),
            ("email,note\nada@example.org,\"5 inch\nbob@example.org,6 inch\"\n", "Line 2 has a quoted cell that contains line 3"),
            ("user_id,note\n1,\"5 inch\n2,6 inch\"\n", "Line 2 has a quoted cell that contains line 3"),
            ("email,EMAIL\nada@example.org,\n", "Line 1 names the column EMAIL twice"),
            ("email\nada@example.org,bob@example.org\n", "line 2: it has 2 cells and the first line names 1 column"),
        })
        {
            AdminResult result = await _there.RunAsync("assignment", "import", "acme", "--license", "1", _there.Write("class.csv", text));

            Assert.Equal((1, ""), (result.ExitCode, result.Output));
            Assert.StartsWith(error, result.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Importing_an_address_for_an_existing_user_without_one_is_rejected()
    {
        await _there.PlatformAsync("acme");
        await _there.UserAsync("ada");

        AdminResult result = await _there.RunAsync("user", "import", "acme", _there.Write("people.csv", "id,username,email\n1,ada,ada@example.org\n"));

        Assert.StartsWith(
            "line 2: user 1 has no e-mail address: set it with 'user update', or omit it here\n", result.Error, StringComparison.Ordinal);
    }

    private async Task<string[]> UsersAsync() => await _there.Get<UserStore>()
        .OfPlatformAsync("acme", Cancellation).Select(user => user.Username).ToArrayAsync(Cancellation);
}
