using TestSupport;
using Xunit;

namespace Admin.Tests;

/// <summary>Imports read the CSV that lists write, even after editing in a spreadsheet.</summary>
public sealed class PipeTests(AzuriteFixture azurite) : IDisposable
{
    private readonly Provisioning _there = new(azurite);

    private Dictionary<string, string> HeapOf64MiB => new(_there.Settings) { ["DOTNET_GCHeapHardLimit"] = "4000000" };

    public void Dispose() => _there.Dispose();

    [Fact]
    public async Task A_license_is_renewed_by_piping_its_list_into_an_import()
    {
        await _there.PlatformAsync("acme");
        await _there.LicenseAsync("Algebra", seats: 3);
        await _there.LicenseAsync("Algebra next year", seats: 3);
        foreach (string name in new[] { "ada", "bob", "eve" })
        {
            await _there.UserAsync(name, $"{name}@example.org");
        }

        await _there.PutAsync(user: 1, license: 1, fulfilled: true);
        await _there.PutAsync(user: 2, license: 1, active: false);
        await _there.PutAsync(user: 3, license: 1);

        AdminResult renewed = await AdminProcess.RunInShellAsync(
            _there.Settings,
            "\"$@\" assignment list acme --license 1 --active --csv | \"$@\" assignment import acme --license 2 -");

        Assert.Equal(new AdminResult(0, "2 assignments added to platform acme, 0 already there, 0 skipped.\n", ""), renewed with { Error = "" });
        string listed = await _there.DoneAsync("assignment", "list", "acme", "--license", "2", "--csv");
        Assert.Equal(
            ["user_id,active,fulfilled", "1,true,true", "3,true,false"],
            listed.TrimEnd().Split('\n').Select(line => line.Split(',')).Select(cells => $"{cells[1]},{cells[5]},{cells[6]}"));
    }

    [Fact]
    public async Task Exported_users_are_imported_unchanged_including_names_that_look_like_formulas()
    {
        string[] names = ["=1+1", "+49 30", "-ada", "@ada", "'=quoted", "''-twice", "'plain", "a,b", "a;b", "say \"hi\""];
        await _there.PlatformAsync("acme");
        await _there.PlatformAsync("other");
        foreach (string name in names)
        {
            await _there.UserAsync(name);
        }

        string csv = await _there.DoneAsync("user", "list", "acme", "--csv");
        AdminResult imported = await AdminProcess.RunWithInputAsync(_there.Settings, csv, "user", "import", "other", "-");

        Assert.Equal((0, ""), (imported.ExitCode, imported.Error));
        Assert.Equal(
            (await _there.DoneAsync("user", "list", "acme", "--json")).Replace("acme", "other", StringComparison.Ordinal),
            await _there.DoneAsync("user", "list", "other", "--json"));
        // No cell is interpreted as a formula.
        Assert.All(csv.Split('\n').Skip(1).SelectMany(line => line.Split(',')), cell => Assert.DoesNotMatch("^\"?[=+@-]", cell));
    }

    [Theory]
    [InlineData(";")]
    [InlineData("\t")]
    [InlineData(",")]
    public async Task Semicolons_and_tabs_are_accepted_as_separators(string separator)
    {
        await _there.PlatformAsync("acme");
        string people = _there.Write(
            "people.csv",
            string.Join('\n', "username|email|note", "\"Love,lace;Ada\"|ada@example.org|", "bob|bob@example.org|\"first|\nsecond\"", "").Replace("|", separator, StringComparison.Ordinal));

        Assert.Equal("2 users added to platform acme, 0 already there, 0 skipped.\n", await _there.DoneAsync("user", "import", "acme", people));
        Assert.Contains("Love,lace;Ada", await _there.DoneAsync("user", "list", "acme"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Removing_the_assignments_in_a_file_can_be_repeated()
    {
        await _there.PlatformAsync("acme");
        await _there.LicenseAsync("Algebra", seats: 3);
        foreach (string name in new[] { "ada", "bob", "eve" })
        {
            await _there.UserAsync(name, $"{name}@example.org");
            await _there.PutAsync(user: name == "ada" ? 1 : name == "bob" ? 2 : 3, license: 1, active: name != "eve");
        }

        string pending = await _there.DoneAsync("assignment", "list", "acme", "--pending", "--older-than", "90d", "--csv");
        Assert.Equal(
            new AdminResult(0, "1 assignment removed from platform acme, 0 already gone.\n", ""),
            await AdminProcess.RunWithInputAsync(_there.Settings, pending, "assignment", "remove", "acme", "--file", "-", "--yes"));
        string leavers = _there.Write("leavers.csv", "email\nbob@example.org\neve@example.org\n");
        Assert.Equal(
            """{"platform_key":"acme","rows":2,"removed":[2],"already_gone":1,"faults":[],"interrupted":false}""" + "\n",
            await _there.DoneAsync("assignment", "remove", "acme", "--file", leavers, "--license", "1", "--yes", "--json"));
        Assert.Equal(
            new AdminResult(1, "0 assignments removed from platform acme, 0 already gone.\n", "line 2: email and user_id need --license\nline 3: email and user_id need --license\nNothing was removed: fix the lines above (2).\n"),
            await _there.RunAsync("assignment", "remove", "acme", "--file", leavers, "--yes"));
        await _there.CleanAsync();
    }

    [Fact]
    public async Task One_file_creates_missing_users_and_assigns_all()
    {
        await _there.PlatformAsync("acme");
        await _there.LicenseAsync("Algebra", seats: 3);
        await _there.UserAsync("ada", "ada@example.org");
        string file = _there.Write("class.csv", "email,username\nada@example.org,\nbob@example.org,bob\neve@example.org,\n");

        Assert.Contains("\"users_added\":2", await _there.DoneAsync("assignment", "import", "acme", "--license", "1", file, "--create-users", "--dry-run", "--json"), StringComparison.Ordinal);
        Assert.Equal("""[{"id":1,"platform_key":"acme","username":"ada","email":"ada@example.org"}]""" + "\n", await _there.DoneAsync("user", "list", "acme", "--json"));
        Assert.Equal(
            "3 assignments added to platform acme, 0 already there, 0 skipped. Users added: 2.\n",
            await _there.DoneAsync("assignment", "import", "acme", "--license", "1", file, "--create-users"));
        Assert.Equal(
            "0 assignments added to platform acme, 3 already there, 0 skipped. Users added: 0.\n",
            await _there.DoneAsync("assignment", "import", "acme", "--license", "1", file, "--create-users"));
        string users = await _there.DoneAsync("user", "list", "acme", "--csv");
        Assert.Equal(
            ["ada,ada@example.org", "bob,bob@example.org", "eve@example.org,eve@example.org"],
            users.TrimEnd().Split('\n').Skip(1).Select(line => line.Split(',')).Select(cells => $"{cells[2]},{cells[3]}").Order());
        await _there.CleanAsync();
    }

    [Theory]
    [InlineData("yes")]
    [InlineData("head -c 268435457 /dev/zero")]
    public async Task More_than_256_MiB_from_a_pipe_are_rejected_with_bounded_memory(string sender)
    {
        await _there.PlatformAsync("acme");

        Assert.Equal(
            new AdminResult(1, "", "The file is larger than 256 MiB: check its name, or split it.\n"),
            await AdminProcess.RunInShellAsync(HeapOf64MiB, $"{sender} 2>/dev/null | \"$@\" user import acme -"));
    }

    [Fact]
    public async Task Up_to_256_MiB_from_a_pipe_are_read()
    {
        await _there.PlatformAsync("acme");

        // No text begins with this byte, so that the rest need not be read.
        Assert.Equal(
            new AdminResult(1, "", "The file is not UTF-8: save it as CSV in UTF-8.\n"),
            await AdminProcess.RunInShellAsync(HeapOf64MiB, "(printf '\\377'; head -c 268435455 /dev/zero) | \"$@\" user import acme -"));
    }

    [Fact]
    public async Task A_pipe_that_cannot_be_copied_is_rejected_with_the_path_and_the_reason()
    {
        await _there.PlatformAsync("acme");

        AdminResult result = await AdminProcess.RunInShellAsync(
            new Dictionary<string, string>(_there.Settings) { ["TMPDIR"] = "/missing/" }, "echo username | \"$@\" user import acme -");

        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.Matches(@"\AThe pipe cannot be copied to /missing/ \([^\n]+\): free disk space there, or pass the name of a file\.\n\z", result.Error);
    }

    [Fact]
    public async Task Json_and_csv_options_exclude_each_other()
    {
        Assert.Equal(
            new AdminResult(2, "", "Pass --json or --csv, not both.\nSee 'license-admin user list --help'.\n"),
            await AdminProcess.RunAsync(new Dictionary<string, string>(), "user", "list", "acme", "--json", "--csv"));
    }
}
