using System.Text.RegularExpressions;
using TestSupport;
using Xunit;

namespace Admin.Tests;

public sealed partial class PlatformTests(AzuriteFixture azurite) : IDisposable
{
    private readonly Provisioning _there = new(azurite);

    public void Dispose() => _there.Dispose();

    [Fact]
    public async Task Platforms_are_listed_by_key()
    {
        await _there.PlatformAsync("beta");
        await _there.DoneAsync("platform", "create", "acme", "--org", "Acme Inc");

        Assert.Equal(
            """[{"platform_key":"acme","platform_org":"Acme Inc","suspended":false},{"platform_key":"beta","platform_org":null,"suspended":false}]""" + "\n",
            await _there.DoneAsync("platform", "list", "--json"));
        Assert.Contains("acme       Acme Inc       no", await _there.DoneAsync("platform", "list"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Platform_show_prints_a_summary()
    {
        await _there.PlatformAsync("acme");
        await _there.LicenseAsync("Algebra", seats: 1);
        await _there.LicenseAsync("Botany", seats: 20);
        await _there.UserAsync("ada", "ada@example.org");
        await _there.UserAsync("bob");
        await _there.PutAsync(user: 1, license: 1);
        await _there.PutAsync(user: 2, license: 2, active: false);
        await _there.DoneAsync("key", "create", "acme", "--name", "enrolment", "--expires", "2031-01-01");

        Assert.Equal(
            """{"platform_key":"acme","platform_org":null,"suspended":false,"seats":21,"seats_used":1,"users":2,"active":1,"pending":1,"licenses":["""
            + """{"id":1,"platform_key":"acme","name":"Algebra","seats":1,"seats_used":1,"active":true,"starts":null,"expires":null,"redirect_to":null},"""
            + """{"id":2,"platform_key":"acme","name":"Botany","seats":20,"seats_used":0,"active":true,"starts":null,"expires":null,"redirect_to":null}]"""
            + ""","keys":[{"key_id":"(id)","platform_key":"acme","name":"enrolment","created":"(now)","expires":"2031-01-02T00:00:00+00:00","revoked":null,"last_used":null}],"last_changes":["""
            + """{"at":"2026-05-04T12:00:00+00:00","by":"k1","assignment_id":2,"version":1,"user_id":2,"license_id":2,"before":null,"after":{"active":false,"fulfilled":false,"metadata":{}}},"""
            + """{"at":"2026-05-04T12:00:00+00:00","by":"k1","assignment_id":1,"version":1,"user_id":1,"license_id":1,"before":null,"after":{"active":true,"fulfilled":false,"metadata":{}}}]}""" + "\n",
            Id().Replace(Now().Replace(await _there.DoneAsync("platform", "show", "acme", "--json"), "\"created\":\"(now)\""), "\"key_id\":\"(id)\""));

        string shown = await _there.DoneAsync("platform", "show", "acme");
        Assert.StartsWith("acme\nusers 2, assignments 1 active and 1 pending, seats used 1 of 21\n", shown, StringComparison.Ordinal);
        Assert.All(["Algebra", "100 % !", "enrolment", "2031-01-02 00:00:00", "2026-05-04 12:00:00"], text => Assert.Contains(text, shown, StringComparison.Ordinal));
        Assert.DoesNotContain('\e', shown);
    }

    [Fact]
    public async Task Only_commands_that_change_data_name_the_storage_on_standard_error()
    {
        using AdminProcess creating = AdminProcess.Start(_there.Settings, "platform", "create", "acme");
        await creating.EndAsync();
        using AdminProcess listing = AdminProcess.Start(_there.Settings, "platform", "list");
        await listing.EndAsync();
        using AdminProcess trying = AdminProcess.Start(
            _there.Settings, "user", "import", "acme", _there.Write("people.csv", "username,email\n"), "--dry-run");
        await trying.EndAsync();

        Assert.Matches($@"\A127\.0\.0\.1:\d+/devstoreaccount1, tables {_there.Settings["Tables__Prefix"]}…\z", creating.Storage);
        Assert.Null(listing.Storage);
        Assert.Null(trying.Storage);
    }

    [Fact]
    public async Task The_endpoint_option_overrides_the_settings_and_requires_TLS()
    {
        Dictionary<string, string> settings = new(_there.Settings) { ["AZURE_CONFIG_DIR"] = "/nowhere" };

        AdminResult plain = await AdminProcess.RunAsync(settings, "platform", "list", "--endpoint", "http://127.0.0.1:1");
        Assert.Equal(new AdminResult(3, "", "Tables__Endpoint must be an https:// address, because signing in with an identity needs TLS.\n"), plain);

        AdminResult strange = await AdminProcess.RunAsync(settings, "platform", "list", "--endpoint", "account");
        Assert.Equal(
            new AdminResult(2, "", "--endpoint must be an absolute URL that starts with http:// or https://.\nSee 'license-admin platform list --help'.\n"),
            strange);

        AdminResult unknown = await AdminProcess.RunAsync(settings, "platform", "list", "--endpoint", "https://127.0.0.1:1");
        Assert.Equal((3, ""), (unknown.ExitCode, unknown.Output));
        Assert.Contains("127.0.0.1:1", Assert.Single(unknown.Error.TrimEnd('\n').Split('\n')), StringComparison.Ordinal);
    }

    [GeneratedRegex("\"created\":\"[^\"]+\"")]
    private static partial Regex Now();

    [GeneratedRegex("\"key_id\":\"[^\"]+\"")]
    private static partial Regex Id();
}
