using Azure;
using Azure.Data.Tables;
using Licensing.ApiKeys;
using Licensing.Platforms;
using Licensing.Storage;
using TestSupport;
using Xunit;

namespace Admin.Tests;

/// <summary>The removal of platforms and licenses.</summary>
public sealed class RemovalTests(AzuriteFixture azurite) : IDisposable
{
    private readonly Provisioning _there = new(azurite);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _there.Dispose();

    [Fact]
    public async Task Removing_a_platform_deletes_all_its_rows_and_no_others()
    {
        await FillAsync("acme");
        await FillAsync("acme2");
        await _there.SuspendedAsync();
        int others = (await AllRowsAsync()).Count(row => Mentions(row, "acme2"));

        Assert.Equal(
            "Removed platform acme: 1 license, 2 users, 2 assignments, 3 changes, 1 API key.\n",
            await _there.DoneAsync("platform", "remove", "acme", "--yes"));

        List<TableEntity> left = await AllRowsAsync();
        Assert.All(left, row => Assert.True(Mentions(row, "acme2")));
        Assert.Equal(others, left.Count);
        await _there.CleanAsync("acme2");
        Assert.Equal(1, (await _there.RunAsync("platform", "remove", "acme", "--yes")).ExitCode);
    }

    [Fact]
    public async Task An_interrupted_removal_is_completed_by_the_same_command()
    {
        await FillAsync("acme");
        await _there.SuspendedAsync();
        // The state after an interrupted run: some rows are deleted, the platform's own is not.
        foreach (string row in new[] { "license-0000000000000000001", "user-0000000000000000001", "sequence-user" })
        {
            await _there.Get<Tables>().Assignments.DeleteEntityAsync("acme", row, ETag.All, Cancellation);
        }

        await _there.DoneAsync("platform", "remove", "acme", "--yes");

        Assert.Empty(await AllRowsAsync());
    }

    [Fact]
    public async Task Removing_a_platform_requires_suspension_and_confirmation()
    {
        await FillAsync("acme");

        Assert.Equal(
            new AdminResult(1, "", "Platform acme is not suspended: suspend it with 'platform suspend' first.\n"),
            await _there.RunAsync("platform", "remove", "acme", "--yes"));
        Assert.Equal(
            new AdminResult(2, "", "This command deletes data and there is no terminal to confirm on: pass --yes.\nSee 'license-admin platform remove --help'.\n"),
            await _there.RunAsync("platform", "remove", "acme"));
        await _there.CleanAsync();
    }

    [Fact]
    public async Task Updating_the_organization_updates_the_platforms_keys()
    {
        await _there.PlatformAsync("acme");
        string id = System.Text.Json.Nodes.JsonNode.Parse(await _there.DoneAsync("key", "create", "acme", "--json"))!["key_id"]!.GetValue<string>();

        Assert.Equal("Updated platform acme, organization: Acme Ltd.\n", await _there.DoneAsync("platform", "update", "acme", "--org", "Acme Ltd"));
        Assert.Equal("Acme Ltd", (await _there.Get<ApiKeyStore>().FindAsync(id, Cancellation))!.Org);
        Assert.Equal(
            """{"platform_key":"acme","platform_org":null,"suspended":false}""" + "\n",
            await _there.DoneAsync("platform", "update", "acme", "--org", "none", "--json"));
        Assert.Null((await _there.Get<ApiKeyStore>().FindAsync(id, Cancellation))!.Org);
    }

    [Fact]
    public async Task Removing_a_license_with_active_assignments_is_explicit_and_its_id_is_never_reused()
    {
        await FillAsync("acme");

        Assert.Equal(
            new AdminResult(1, "", "License 1 has 1 active assignment: remove it first, or pass --with-assignments.\n"),
            await _there.RunAsync("license", "remove", "acme", "1", "--yes"));
        Assert.Equal(
            """{"id":1,"platform_key":"acme","assignments_removed":[1,2]}""" + "\n",
            await _there.DoneAsync("license", "remove", "acme", "1", "--with-assignments", "--yes", "--json"));

        Assert.Equal("No assignments.\n", await _there.DoneAsync("assignment", "list", "acme"));
        await _there.CleanAsync();
        Assert.Equal(
            new AdminResult(1, "", "License 1 already exists on platform acme, or was removed: choose another --id, or omit it.\n"),
            await _there.RunAsync("license", "create", "acme", "--name", "Again", "--seats", "1", "--id", "1"));
        Assert.Contains("license 2", await _there.DoneAsync("license", "create", "acme", "--name", "Next", "--seats", "1"), StringComparison.Ordinal);
        Assert.Equal(1, (await _there.RunAsync("license", "remove", "acme", "1", "--yes")).ExitCode);
    }

    [Fact]
    public async Task Removing_a_removed_license_deletes_leftover_pending_assignments()
    {
        await _there.PlatformAsync("acme");
        await _there.LicenseAsync("Algebra", seats: 3);
        await _there.UserAsync("ada", "ada@example.org");
        await _there.PutAsync(user: 1, license: 1, active: false);
        // An instance that cached the license added the assignment after the license was removed.
        await _there.Get<Tables>().Assignments.DeleteEntityAsync("acme", "license-0000000000000000001", ETag.All, Cancellation);
        Assert.Equal(1, (await _there.RunAsync("verify", "acme")).ExitCode);

        await _there.DoneAsync("license", "remove", "acme", "1", "--yes");

        await _there.CleanAsync();
        Assert.Equal("No assignments.\n", await _there.DoneAsync("assignment", "list", "acme"));
    }

    /// <summary>A platform with one row of each kind.</summary>
    private async Task FillAsync(string platform)
    {
        await _there.PlatformAsync(platform);
        await _there.LicenseAsync("Algebra", seats: 3, platform: platform);
        await _there.UserAsync("ada", "ada@example.org", platform);
        await _there.UserAsync("bob", "bob@example.org", platform);
        await _there.PutAsync(user: 1, license: 1, platform: platform);
        await _there.PutAsync(user: 2, license: 1, platform: platform);
        await _there.PutAsync(user: 2, license: 1, active: false, platform: platform);
        await _there.Get<ApiKeyStore>().CreateAsync(new Platform(platform, Org: null, Suspended: false), name: null, expires: null, Cancellation);
    }

    private async Task<List<TableEntity>> AllRowsAsync()
    {
        Tables tables = _there.Get<Tables>();
        List<TableEntity> rows = [];
        foreach (TableClient table in new[] { tables.Assignments, tables.Directory, tables.ApiKeys, tables.Platforms })
        {
            rows.AddRange(await table.QueryAsync<TableEntity>(cancellationToken: Cancellation).ToListAsync(Cancellation));
        }

        return rows;
    }

    private static bool Mentions(TableEntity row, string platform) =>
        row.PartitionKey == platform || row.RowKey == platform || row.GetString("Platform") == platform;
}
