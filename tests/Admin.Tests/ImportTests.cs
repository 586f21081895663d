using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Assignments;
using Assignments.Verification;
using Testing;
using Xunit;

namespace Admin.Tests;

public sealed class ImportTests(AzuriteFixture azurite) : IDisposable
{
    private readonly Provisioning _there = new(azurite);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _there.Dispose();

    [Fact]
    public async Task Ten_thousand_people_are_imported_by_two_runs_of_which_the_first_was_interrupted_and_verify_is_clean()
    {
        await _there.PlatformAsync("acme");
        await _there.LicenseAsync("Algebra", seats: 2_500);
        string people = _there.Write("people.csv", "username,email\n" + Lines(10_000, i => $"student{i},student{i}@example.org"));

        JsonNode first = await InterruptedAsync(
            () => _there.Get<UserStore>().OfPlatformAsync("acme", Cancellation).AnyAsync(Cancellation),
            "user", "import", "acme", people, "--json");
        int added = first["added"]!.GetValue<int>();
        Assert.InRange(added, 1, 9_999);
        Assert.Equal(
            $$"""{"platform_key":"acme","license_id":null,"rows":10000,"added":{{10_000 - added}},"already_there":{{added}},"faults":[],"dry_run":false,"interrupted":false}""" + "\n",
            await _there.DoneAsync("user", "import", "acme", people, "--json"));

        string @class = _there.Write("class.csv", "email\n" + Lines(2_500, i => $"student{i}@example.org"));
        JsonNode begun = await InterruptedAsync(
            () => _there.Get<AssignmentStore>().OfPlatformAsync("acme", Cancellation).AnyAsync(Cancellation),
            "assignment", "import", "acme", "--license", "1", @class, "--json");
        added = begun["added"]!.GetValue<int>();
        Assert.InRange(added, 1, 2_499);
        Assert.Equal(
            $"Added {2_500 - added:N0} assignments to platform acme; there already: {added:N0}; left out: 0.\n",
            await _there.DoneAsync("assignment", "import", "acme", "--license", "1", @class));

        VerificationReport report = await _there.Get<Verifier>().VerifyAsync("acme", repair: false, progress: null, Cancellation);
        Assert.Empty(report.Violations);
        Assert.Equal((10_000, 2_500, 2_500), (report.Users, report.ActiveAssignments, report.Changes));
        Assert.Equal(2_500, (await _there.Get<LicenseStore>().FindAsync("acme", 1, Cancellation))!.SeatsUsed);
    }

    [Fact]
    public async Task Two_hundred_faulty_lines_are_each_reported_by_number_and_nothing_is_written()
    {
        await _there.PlatformAsync("acme");
        string people = _there.Write("people.csv", "username,email\n" + Lines(400, i => i % 2 == 0 ? $"u{i},u{i}@example.org" : $"u{i},nonsense"));

        AdminResult result = await _there.RunAsync("user", "import", "acme", people);

        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        // The header is line 1, so the first line with data is line 2.
        Assert.Equal(
            [
                .. Enumerable.Range(1, 400).Where(i => i % 2 != 0).Select(i => $"line {i + 1}: email is not an e-mail address"),
                "Nothing was written: mend the lines above (200), or leave them out with --skip-invalid.",
            ],
            result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.False(await _there.Get<UserStore>().OfPlatformAsync("acme", Cancellation).AnyAsync(Cancellation));
    }

    [Fact]
    public async Task Each_kind_of_fault_in_a_line_of_users_is_named_and_the_others_are_imported_on_request()
    {
        await _there.PlatformAsync("acme");
        await _there.UserAsync("ada", "ada@example.org");
        string people = _there.Write("people.csv", $"""
            Id, E-mail, USERNAME, Email
            ,,,
            1,,bob,bob@example.org
            7,,ada,ada@example.org
            5,,bob,bob@example.org
            5,,eve,eve@example.org
            6,,eve,BOB@example.org
            ,,nobody,
            zero,,zoe,zoe@example.org
            ,,{new string('a', 257)},long@example.org
            ,,a"b",quotes@example.org
            ,,"fay, the third",fay@example.org
            1,,ada,ada@example.org

            """);
        const string Faults =
            """[{"line":2,"fault":"username is missing"},{"line":3,"fault":"user 1 has another e-mail address"},"""
            + """{"line":4,"fault":"user 1 has this e-mail address"},{"line":6,"fault":"the id is that of line 5"},"""
            + """{"line":7,"fault":"the e-mail address is that of line 3"},{"line":8,"fault":"email or id must be given"},"""
            + """{"line":9,"fault":"id is not a whole number, 1 or more"},"""
            + """{"line":10,"fault":"username holds control characters or is longer than 256 characters"},{"line":11,"fault":"the quotes do not match"}]""";

        AdminResult dry = await _there.RunAsync("user", "import", "acme", people, "--skip-invalid", "--dry-run", "--json");
        Assert.Equal(
            "{\"platform_key\":\"acme\",\"license_id\":null,\"rows\":12,\"added\":1,\"already_there\":1,\"faults\":" + Faults + ",\"dry_run\":true,\"interrupted\":false}\n",
            dry.Output);
        Assert.Equal(0, dry.ExitCode);
    }
}
