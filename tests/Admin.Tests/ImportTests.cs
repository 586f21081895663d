using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Data.Tables;
using Licensing.Assignments;
using Licensing.Licenses;
using Licensing.Storage;
using Licensing.Users;
using Licensing.Verification;
using Microsoft.Extensions.DependencyInjection;
using TestSupport;
using Xunit;

namespace Admin.Tests;

public sealed class ImportTests(AzuriteFixture azurite) : IDisposable
{
    private readonly Provisioning _there = new(azurite);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _there.Dispose();

    [Fact]
    public async Task An_interrupted_import_is_completed_by_a_second_run_and_verifies_clean()
    {
        await _there.PlatformAsync("acme");
        await _there.LicenseAsync("Algebra", seats: 2_000);
        string people = _there.Write("people.csv", "username,email\n" + Lines(3_000, i => $"student{i},student{i}@example.org"));

        JsonNode first = await InterruptedAsync(
            () => _there.Get<UserStore>().OfPlatformAsync("acme", Cancellation).AnyAsync(Cancellation),
            "user", "import", "acme", people, "--json");
        int added = first["added"]!.GetValue<int>();
        Assert.InRange(added, 1, 2_999);
        Assert.Equal(
            $$"""{"platform_key":"acme","license_id":null,"rows":3000,"added":{{3_000 - added}},"already_there":{{added}},"faults":[],"dry_run":false,"interrupted":false,"users_added":null}""" + "\n",
            await _there.DoneAsync("user", "import", "acme", people, "--json"));

        string @class = _there.Write("class.csv", "email\n" + Lines(2_000, i => $"student{i}@example.org"));
        JsonNode begun = await InterruptedAsync(
            () => _there.Get<AssignmentStore>().OfPlatformAsync("acme", Cancellation).AnyAsync(Cancellation),
            "assignment", "import", "acme", "--license", "1", @class, "--json");
        added = begun["added"]!.GetValue<int>();
        Assert.InRange(added, 1, 1_999);
        Assert.Equal(
            $"{2_000 - added:N0} assignments added to platform acme, {added:N0} already there, 0 skipped.\n",
            await _there.DoneAsync("assignment", "import", "acme", "--license", "1", @class));

        VerificationReport report = await _there.Get<Verifier>().VerifyAsync("acme", repair: false, progress: null, Cancellation);
        Assert.Empty(report.Violations);
        Assert.Equal((3_000, 2_000, 2_000), (report.Users, report.ActiveAssignments, report.Changes));
        Assert.Equal(2_000, (await _there.Get<LicenseStore>().FindAsync("acme", 1, Cancellation))!.SeatsUsed);
    }

    /// <summary>40 MB of notes in a column that is ignored, more than the limit of the heap.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_import_does_not_keep_unread_columns_in_memory(bool piped)
    {
        const int Rows = 10_000;
        await _there.PlatformAsync("acme");
        string note = new('n', 4_000);
        string people = _there.Write("people.csv", "username,email,note\n" + Lines(Rows, i => $"student{i},student{i}@example.org,{note}"));
        Dictionary<string, string> small = new(_there.Settings) { ["DOTNET_GCHeapHardLimit"] = "0x2000000" };

        AdminResult result = await AdminProcess.RunInShellAsync(
            small, piped ? $"cat '{people}' | \"$@\" user import acme - --dry-run" : $"\"$@\" user import acme '{people}' --dry-run");

        Assert.Equal(new AdminResult(0, "10,000 users would be added to platform acme, 0 already there, 0 skipped.\n", ""), result);
    }

    [Fact]
    public async Task Two_hundred_invalid_lines_are_reported_by_number_and_nothing_is_written()
    {
        await _there.PlatformAsync("acme");
        string people = _there.Write("people.csv", "username,email\n" + Lines(400, i => i % 2 == 0 ? $"u{i},u{i}@example.org" : $"u{i},nonsense"));

        AdminResult result = await _there.RunAsync("user", "import", "acme", people);

        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        // Line 1 is the header.
        Assert.Equal(
            [
                .. Enumerable.Range(1, 400).Where(i => i % 2 != 0).Select(i => $"line {i + 1}: email is not an e-mail address"),
                "Nothing was written: fix the lines above (200), or skip them with --skip-invalid.",
            ],
            result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.False(await _there.Get<UserStore>().OfPlatformAsync("acme", Cancellation).AnyAsync(Cancellation));
    }

    [Fact]
    public async Task Each_kind_of_invalid_user_line_is_explained_and_can_be_skipped()
    {
        await _there.PlatformAsync("acme");
        await _there.UserAsync("ada", "ada@example.org");
        await _there.UserAsync("gus", "gus@example.org");
        string people = _there.Write("people.csv", $"""
            Id, E-mail, USERNAME, Email
            ,,,nameless@example.org
            1,,bob,other@example.org
            7,,ada,ada@example.org
            5,,bob,bob@example.org
            5,,eve,eve@example.org
            6,,eve,BOB@example.org
            ,,nobody,
            zero,,zoe,zoe@example.org
            ,,{new string('a', 257)},long@example.org
            ,,a"b",quotes@example.org
            ,,"fay, the third",fay@example.org
            2,,gus,gus@example.org

            """);
        const string Faults =
            """[{"line":2,"fault":"username is missing"},{"line":3,"fault":"user 1 has another e-mail address"},"""
            + """{"line":4,"fault":"user 1 has this e-mail address"},{"line":6,"fault":"the id is the same as in line 5"},"""
            + """{"line":7,"fault":"the e-mail address is the same as in line 5"},{"line":8,"fault":"email or id is required"},"""
            + """{"line":9,"fault":"id is not a whole number, 1 or more"},"""
            + """{"line":10,"fault":"username contains control characters or is longer than 256 characters"},{"line":11,"fault":"the quotes do not match"}]""";

        AdminResult dry = await _there.RunAsync("user", "import", "acme", people, "--skip-invalid", "--dry-run", "--json");
        Assert.Equal(
            "{\"platform_key\":\"acme\",\"license_id\":null,\"rows\":12,\"added\":2,\"already_there\":1,\"faults\":" + Faults + ",\"dry_run\":true,\"interrupted\":false,\"users_added\":null}\n",
            dry.Output);
        Assert.Equal(0, dry.ExitCode);
        Assert.Equal(2, (await UsersAsync()).Count);

        AdminResult result = await _there.RunAsync("user", "import", "acme", people, "--skip-invalid");
        Assert.Equal((0, "2 users added to platform acme, 1 already there, 9 skipped.\n"), (result.ExitCode, result.Output));
        Assert.Equal(["ada", "gus", "fay, the third", "bob"], (await UsersAsync()).Select(user => user.Username));
    }

    [Fact]
    public async Task A_file_may_start_with_a_byte_order_mark_or_come_from_standard_input()
    {
        await _there.PlatformAsync("acme");
        string people = _there.Write("people.csv", "\uFEFFusername,email\r\nŁucja,lucja@example.org\r\n");

        Assert.Equal(
            "1 user added to platform acme, 0 already there, 0 skipped.\n",
            await _there.DoneAsync("user", "import", "acme", people));
        Assert.Equal(
            new AdminResult(0, "1 user added to platform acme, 1 already there, 0 skipped.\n", ""),
            await AdminProcess.RunWithInputAsync(
                _there.Settings, "email,username\nlucja@example.org,Łucja\nbob@example.org,bob\n", "user", "import", "acme", "-"));
        Assert.Equal(["Łucja", "bob"], (await UsersAsync()).Select(user => user.Username));
    }

    [Theory]
    [InlineData("", "The file is empty: its first line must name the columns.")]
    [InlineData("name,email\n", "The first line must name a column username, and commas, semicolons or tabs must separate columns.")]
    [InlineData("username|email\n", "The first line must name a column username, and commas, semicolons or tabs must separate columns.")]
    [InlineData("username\n", "The first line must name a column email or id, and commas, semicolons or tabs must separate columns.")]
    public async Task A_file_without_the_required_columns_is_rejected_and_the_columns_are_named(string text, string sentence)
    {
        await _there.PlatformAsync("acme");

        AdminResult result = await _there.RunAsync("user", "import", "acme", _there.Write("people.csv", text));

        Assert.Equal(new AdminResult(1, "", sentence + "\n"), result);
    }

    [Fact]
    public async Task A_missing_file_or_one_that_is_not_UTF_8_is_rejected()
    {
        await _there.PlatformAsync("acme");
        string latin1 = _there.Write("people.csv", "");
        await File.WriteAllBytesAsync(latin1, Encoding.Latin1.GetBytes("username,email\nÄda,ada@example.org\n"), Cancellation);

        Assert.Equal(
            new AdminResult(1, "", "The file cannot be read: check its name and permissions.\n"),
            await _there.RunAsync("user", "import", "acme", latin1 + ".missing"));
        Assert.Equal(
            new AdminResult(1, "", "The file is not UTF-8: save it as CSV in UTF-8.\n"),
            await _there.RunAsync("user", "import", "acme", latin1));
    }

    /// <summary>/proc/self/mem can be opened but not read, like a file on a failing disk.</summary>
    [Fact]
    public async Task A_disk_error_is_not_reported_as_a_storage_failure()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux has such a file.");
        await _there.PlatformAsync("acme");

        Assert.Equal(
            new AdminResult(1, "", "The file cannot be read: check its name and permissions.\n"),
            await _there.RunAsync("user", "import", "acme", "/proc/self/mem"));
    }

    [Fact]
    public async Task An_import_larger_than_the_free_seats_is_rejected_or_fills_them_on_request()
    {
        await _there.PlatformAsync("acme");
        await _there.LicenseAsync("Algebra", seats: 3);
        for (int i = 1; i <= 6; i++)
        {
            await _there.UserAsync($"u{i}", $"u{i}@example.org");
        }

        await _there.PutAsync(user: 1, license: 1);
        string @class = _there.Write("class.csv", """
            email,user_id,active,fulfilled
            u1@example.org,,,
            u2@example.org,2,true,true
            u3@example.org,,false,
            ,4,,
            ,5,,

            """);

        Assert.Equal(
            new AdminResult(1, "", "License 1 has 2 free seats and the file needs 3: raise --seats with 'license update', or pass --skip-invalid to assign as many as fit.\n"),
            await _there.RunAsync("assignment", "import", "acme", "--license", "1", @class));

        AdminResult result = await _there.RunAsync("assignment", "import", "acme", "--license", "1", @class, "--skip-invalid", "--json");
        JsonNode json = JsonNode.Parse(result.Output)!;
        Assert.Equal((1, 3, 1), (result.ExitCode, json["added"]!.GetValue<int>(), json["already_there"]!.GetValue<int>()));
        Assert.Matches("^line [356]: no seat was free\n$", result.Error);
        Assert.Equal(3, (await _there.Get<LicenseStore>().FindAsync("acme", 1, Cancellation))!.SeatsUsed);
        Assert.Empty((await _there.Get<Verifier>().VerifyAsync("acme", repair: false, progress: null, Cancellation)).Violations);
    }

    [Fact]
    public async Task Each_kind_of_invalid_assignment_line_is_explained()
    {
        await _there.PlatformAsync("acme");
        await _there.LicenseAsync("Algebra");
        await _there.UserAsync("ada", "ada@example.org");
        await _there.UserAsync("bob", "bob@example.org");
        string @class = _there.Write("class.csv", """
            email,user_id,active,fulfilled
            ,,true,
            nonsense,,,
            nobody@example.org,,,
            ,9,,
            ,zero,,
            ada@example.org,2,,
            ada@example.org,,perhaps,
            ada@example.org,,,1
            ada@example.org,1,,
            ,1,,

            """);

        AdminResult result = await _there.RunAsync("assignment", "import", "acme", "--license", "1", @class);

        Assert.Equal(
            new AdminResult(
                1,
                "",
                """
                line 2: email or user_id is required
                line 3: email is not an e-mail address
                line 4: no user has this e-mail address
                line 5: no user has this id
                line 6: user_id is not a whole number, 1 or more
                line 7: email and user_id name different users
                line 8: active is neither true nor false
                line 9: fulfilled is neither true nor false
                line 11: the user is the same as in line 10
                Nothing was written: fix the lines above (9), or skip them with --skip-invalid.

                """),
            result);
    }

    [Fact]
    public async Task A_file_with_some_explicit_ids_is_imported_completely_with_those_ids()
    {
        await _there.PlatformAsync("acme");
        // One of every three rows has an id that the sequence would give to another row.
        string people = _there.Write("people.csv", "username,email,id\n" + Lines(300, i => $"u{i},u{i}@example.org,{(i % 3 == 0 ? i / 3 : "")}"));

        Assert.Equal(
            "300 users added to platform acme, 0 already there, 0 skipped.\n",
            await _there.DoneAsync("user", "import", "acme", people));

        Assert.Equal(
            "0 users added to platform acme, 300 already there, 0 skipped.\n",
            await _there.DoneAsync("user", "import", "acme", people));
        await NamedAsync(300);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(12)]
    [InlineData(14)]
    [InlineData(20)]
    public async Task An_interrupted_import_with_some_explicit_ids_is_completed_by_the_same_command(int writes)
    {
        await _there.PlatformAsync("acme");
        string people = _there.Write("people.csv", "username,email,id\n" + Lines(12, i => $"u{i},u{i}@example.org,{(i % 3 == 0 ? i / 3 : "")}"));
        // Left by a version that generated ids which the file uses explicitly.
        await _there.Get<Tables>().Directory.AddEntityAsync(
            UserDirectory.ToEntity(new User("acme", 2, "u1", Address("u1@example.org")), Address("u1@example.org")), Cancellation);
        (int done, bool begun) = (0, false);
        await using LocalHostServer broken = await _there.StartServerAsync(services => services.AddOptions<TableClientOptions>().Configure(options =>
            options.AddPolicy(new BreakAfter(() => begun && Interlocked.Increment(ref done) >= writes), HttpPipelinePosition.PerCall)));
        NewUser[] rows = [.. Enumerable.Range(1, 12).Select(i => new NewUser(i % 3 == 0 ? i / 3 : null, $"u{i}", Address($"u{i}@example.org")))];
        begun = true;
        await Assert.ThrowsAnyAsync<Exception>(() => broken.Services.GetRequiredService<UserStore>().AddGroupAsync("acme", rows, Cancellation));

        await _there.DoneAsync("user", "import", "acme", people);

        await NamedAsync(12);
    }

    /// <summary>Asserts that all users of a mixed file exist, with their explicit ids, are found by address, and that verify is clean.</summary>
    private async Task NamedAsync(int count)
    {
        UserStore users = _there.Get<UserStore>();
        List<User> all = await UsersAsync();
        Assert.Equal(count, all.Count);
        for (int i = 1; i <= count; i++)
        {
            User user = all.Single(user => user.Username == $"u{i}");
            Assert.True(i % 3 != 0 || user.Id == i / 3);
            Assert.Equal(user, await users.FindAsync("acme", user.Email!, Cancellation));
        }

        VerificationReport report = await _there.Get<Verifier>().VerifyAsync("acme", repair: false, progress: null, Cancellation);
        Assert.Empty(report.Violations);
    }

    private static EmailAddress Address(string text)
    {
        Assert.True(EmailAddress.TryParse(text, out EmailAddress? address));
        return address;
    }

    /// <summary>Loses the reply to a write and to all later ones.</summary>
    private sealed class BreakAfter(Func<bool> breaks) : HttpPipelinePolicy
    {
        public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
        {
            await ProcessNextAsync(message, pipeline);
            if (message.Request.Method != RequestMethod.Get && breaks())
            {
                throw new IOException("Broken off.");
            }
        }

        public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) => ProcessNext(message, pipeline);
    }

    [Fact]
    public async Task Two_concurrent_imports_of_a_file_count_each_row_once_and_report_no_error()
    {
        const int Rows = 500;
        await _there.PlatformAsync("acme");
        await _there.LicenseAsync("Algebra");
        string people = _there.Write("people.csv", "username,email\n" + Lines(Rows, i => $"student{i},student{i}@example.org"));
        string @class = _there.Write("class.csv", "email\n" + Lines(Rows, i => $"student{i}@example.org"));

        foreach (string[] import in new string[][]
        {
            ["user", "import", "acme", people, "--json"],
            ["assignment", "import", "acme", "--license", "1", @class, "--json"],
        })
        {
            AdminResult[] results = await Task.WhenAll(_there.RunAsync(import), _there.RunAsync(import));

            Assert.All(results, result => Assert.Equal((0, ""), (result.ExitCode, result.Error)));
            JsonNode[] counts = [.. results.Select(result => JsonNode.Parse(result.Output)!)];
            Assert.All(counts, count => Assert.Equal(Rows, count["added"]!.GetValue<int>() + count["already_there"]!.GetValue<int>()));
            // After a timeout, both imports may count a row as added, because neither can know.
            Assert.InRange(counts.Sum(count => count["added"]!.GetValue<int>()), Rows, Rows * 3 / 2);
        }

        Assert.Empty((await _there.Get<Verifier>().VerifyAsync("acme", repair: false, progress: null, Cancellation)).Violations);
    }

    private Task<List<User>> UsersAsync() =>
        _there.Get<UserStore>().OfPlatformAsync("acme", Cancellation).ToListAsync(Cancellation).AsTask();

    /// <summary>Runs a command, interrupts it once it is under way, and returns its output.</summary>
    private async Task<JsonNode> InterruptedAsync(Func<ValueTask<bool>> isUnderWay, params string[] arguments)
    {
        using AdminProcess process = AdminProcess.Start(_there.Settings, arguments);
        while (!await isUnderWay())
        {
            await Task.Yield();
        }

        process.Interrupt();

        AdminResult result = await process.EndAsync();
        Assert.Equal(
            (130, "Interrupted: run the same command again to finish; what exists is not changed.\n"), (result.ExitCode, result.Error));
        JsonNode json = JsonNode.Parse(result.Output)!;
        Assert.True(json["interrupted"]!.GetValue<bool>());
        return json;
    }

    private static string Lines(int count, Func<int, string> line) =>
        string.Concat(Enumerable.Range(1, count).Select(i => string.Create(CultureInfo.InvariantCulture, $"{line(i)}\n")));
}
