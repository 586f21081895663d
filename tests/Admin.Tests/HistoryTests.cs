using System.Text.Json.Nodes;
using Azure.Data.Tables;
using Licensing.Storage;
using TestSupport;
using Xunit;

namespace Admin.Tests;

/// <summary>The histories of assignments, licenses, a platform and a user.</summary>
public sealed class HistoryTests(AzuriteFixture azurite) : IDisposable
{
    private static readonly string Me = $"admin:{Environment.UserName}";

    private readonly Provisioning _there = new(azurite);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _there.Dispose();

    [Fact]
    public async Task Assignment_lists_show_when_and_by_whom_each_was_created_and_changed()
    {
        await SceneAsync();
        await _there.DoneAsync("assignment", "add", "acme", "--license", "1", "1", "--fulfilled");

        JsonArray rows = JsonNode.Parse(await _there.DoneAsync("assignment", "list", "acme", "--json"))!.AsArray();

        Assert.Equal("2026-05-04T12:00:00+00:00", rows[0]!["created"]!.GetValue<string>());
        Assert.True(rows[0]!["changed"]!.GetValue<DateTimeOffset>() > rows[0]!["created"]!.GetValue<DateTimeOffset>());
        Assert.Equal((Me, "k1"), (rows[0]!["by"]!.GetValue<string>(), rows[1]!["by"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Assignment_lists_can_be_filtered_by_state_age_and_last_change()
    {
        await SceneAsync();
        await _there.DoneAsync("assignment", "add", "acme", "--license", "1", "1", "--pending");

        Assert.Equal("2", await ListedAsync("--pending", "--older-than", "90d"));
        Assert.Equal("1,2", await ListedAsync("--pending"));
        Assert.Empty(await ListedAsync("--active"));
        Assert.Equal("1", await ListedAsync("--since", "2026-05-05"));
        Assert.Equal(2, (await _there.RunAsync("assignment", "list", "acme", "--active", "--pending")).ExitCode);
        Assert.Equal(2, (await _there.RunAsync("assignment", "list", "acme", "--older-than", "90")).ExitCode);
    }

    [Fact]
    public async Task Licenses_that_expire_soon_or_are_nearly_full_have_their_own_exit_code()
    {
        await _there.PlatformAsync("acme");
        await _there.LicenseAsync("Soon", seats: 10, DateTimeOffset.UtcNow.AddDays(10));
        await _there.LicenseAsync("Later", seats: 10, DateTimeOffset.UtcNow.AddYears(100));
        await _there.LicenseAsync("Full", seats: 1);
        await _there.LicenseAsync("Unlimited");
        await _there.UserAsync("ada");
        await _there.PutAsync(user: 1, license: 3);

        Assert.Equal((5, "1"), await AlertsAsync("--expiring", "30d"));
        Assert.Equal((0, ""), await AlertsAsync("--expiring", "1d"));
        Assert.Equal((5, "3"), await AlertsAsync("--free-below", "10%"));
        Assert.Equal((5, "1,3"), await AlertsAsync("--free-below", "10%", "--expiring", "30d"));
        await _there.DoneAsync("license", "update", "acme", "3", "--active", "false");
        Assert.Equal((0, ""), await AlertsAsync("--free-below", "10%"));
    }

    [Fact]
    public async Task License_history_records_every_change_but_seats_and_outlives_the_license()
    {
        await _there.PlatformAsync("acme");
        await _there.DoneAsync("license", "create", "acme", "--name", "Algebra", "--seats", "30");
        await _there.DoneAsync("license", "update", "acme", "1", "--seats", "40", "--expires", "2031-01-01");
        await _there.DoneAsync("license", "update", "acme", "1", "--seats", "40");
        await _there.UserAsync("ada");
        await _there.PutAsync(user: 1, license: 1);
        await _there.DoneAsync("license", "remove", "acme", "1", "--with-assignments", "--yes");

        JsonArray rows = JsonNode.Parse(await _there.DoneAsync("license", "history", "acme", "1", "--json"))!.AsArray();

        Assert.Equal(4, rows.Count);
        Assert.All(rows, row => Assert.Equal(Me, row!["by"]!.GetValue<string>()));
        Assert.Equal([null, 30L, 40L, 40L], rows.Select(row => row!["before"]?["seats"]!.GetValue<long>()));
        Assert.Null(rows[3]!["after"]);
        string text = await _there.DoneAsync("license", "history", "acme", "1");
        Assert.Contains("seats 30 -> 40, expires none -> 2031-01-02 00:00:00", text, StringComparison.Ordinal);
        Assert.Equal(1, (await _there.RunAsync("license", "history", "acme", "9")).ExitCode);
    }

    [Fact]
    public async Task A_feed_resumes_from_its_cursor_without_gaps_or_duplicates_despite_late_events()
    {
        await SceneAsync();
        JsonNode first = JsonNode.Parse(await _there.DoneAsync("history", "acme", "--json"))!;
        Assert.Equal(["license_created", "assignment_created", "assignment_created"], Events(first).Order().Reverse());

        await _there.DoneAsync("assignment", "add", "acme", "--license", "1", "1", "--pending");
        JsonNode second = JsonNode.Parse(await _there.DoneAsync("history", "acme", "--after", Cursor(first), "--json"))!;
        Assert.Equal(["assignment_changed"], Events(second));
        // Decided before the event above was read, but stored only now.
        await _there.Get<Tables>().Assignments.AddEntityAsync(
            new TableEntity("acme", "history-0000000000000000009-0000000001")
            {
                ["At"] = second["events"]![0]!["at"]!.GetValue<DateTimeOffset>().AddSeconds(-1),
                ["By"] = "k1",
                ["UserId"] = 2L,
                ["LicenseId"] = 1L,
                ["AfterActive"] = true,
                ["WriteId"] = Guid.NewGuid(),
            },
            Cancellation);
        await _there.DoneAsync("license", "update", "acme", "1", "--name", "Algebra II");

        JsonNode third = JsonNode.Parse(await _there.DoneAsync("history", "acme", "--after", Cursor(second), "--json"))!;
        Assert.Equal(["assignment_created", "license_changed"], Events(third));
        JsonNode last = JsonNode.Parse(await _there.DoneAsync("history", "acme", "--after", Cursor(third), "--json"))!;
        Assert.Empty(Events(last));
        Assert.Equal(3, Events(JsonNode.Parse(await _there.DoneAsync("history", "acme", "--since", "2026-05-05", "--json"))!).Length);
        Assert.Equal(2, (await _there.RunAsync("history", "acme", "--after", "nonsense")).ExitCode);
    }

    [Fact]
    public async Task License_usage_charts_seats_over_time_from_the_history()
    {
        await SceneAsync();
        await _there.PutAsync(user: 2, license: 1);
        await _there.DoneAsync("assignment", "remove", "acme", "1", "--yes");
        await _there.DoneAsync("license", "update", "acme", "1", "--seats", "4");
        string svg = _there.Write("usage.svg", "");

        JsonNode usage = JsonNode.Parse(await _there.DoneAsync("license", "usage", "acme", "1", "--svg", svg, "--json"))!;

        JsonArray points = usage["points"]!.AsArray();
        Assert.Equal(60, points.Count);
        Assert.Equal("2 2 3", $"{points[0]!["used"]} {points[0]!["peak"]} {points[0]!["seats"]}");
        Assert.Equal("1 2 4", $"{points[^1]!["used"]} {points[^1]!["peak"]} {points[^1]!["seats"]}");
        Assert.Equal(usage["seats_used"]!.ToJsonString(), points[^1]!["used"]!.ToJsonString());
        Assert.Equal("svg", System.Xml.Linq.XDocument.Load(svg).Root!.Name.LocalName);
        string chart = await _there.DoneAsync("license", "usage", "acme", "1");
        Assert.Contains("4 │", chart, StringComparison.Ordinal);
        Assert.Contains("License 1 (Algebra): 1 seat used of 4, at most 2.", chart, StringComparison.Ordinal);
    }

    [Fact]
    public async Task User_show_prints_everything_stored_about_a_person()
    {
        await SceneAsync();
        await _there.DeleteAsync(assignment: 1);
        await _there.PutAsync(user: 1, license: 1, metadata: """{"room":"12"}""");

        JsonNode person = JsonNode.Parse(await _there.DoneAsync("user", "show", "acme", "ada@example.org", "--json"))!;

        Assert.Equal(("ada", "ada@example.org"), (person["username"]!.GetValue<string>(), person["email"]!.GetValue<string>()));
        Assert.Equal("12", person["assignments"]!.AsArray().Single()!["metadata"]!["room"]!.GetValue<string>());
        Assert.Equal(3, person["history"]!.AsArray().Count);
        string text = await _there.DoneAsync("user", "show", "acme", "1");
        Assert.All(new[] { "ada@example.org", "deleted", "{\"room\":\"12\"}" }, part => Assert.Contains(part, text, StringComparison.Ordinal));
        Assert.Equal(1, (await _there.RunAsync("user", "show", "acme", "9")).ExitCode);
    }

    [Fact]
    public async Task A_removed_user_leaves_no_personal_data_in_any_table()
    {
        await SceneAsync();
        await _there.PutAsync(user: 1, license: 1, metadata: """{"note":"Countess of Lovelace"}""");
        await _there.DeleteAsync(assignment: 1);
        await _there.PutAsync(user: 1, license: 1, metadata: """{"note":"Lovelace again"}""");
        await _there.DoneAsync("user", "update", "acme", "1", "--email", "ada@lovelace.example");
        Assert.Contains("Lovelace", await EverythingAsync(), StringComparison.OrdinalIgnoreCase);

        await _there.DoneAsync("user", "remove", "acme", "1", "--with-assignments", "--yes");

        string left = await EverythingAsync();
        Assert.All(new[] { "lovelace", "ada@", "\"ada\"" }, personal => Assert.DoesNotContain(personal, left, StringComparison.OrdinalIgnoreCase));
        Assert.Contains("bob@example.org", left, StringComparison.Ordinal);
        // This includes the hash of the address.
        Assert.Single(await _there.Get<Tables>().Directory.QueryAsync<TableEntity>(cancellationToken: Cancellation).ToListAsync(Cancellation));
        await _there.CleanAsync();
    }

    /// <summary>A license and two users, ada with an active and bob with a pending assignment since noon.</summary>
    private async Task SceneAsync()
    {
        await _there.PlatformAsync("acme");
        await _there.LicenseAsync("Algebra", seats: 3);
        await _there.UserAsync("ada", "ada@example.org");
        await _there.UserAsync("bob", "bob@example.org");
        await _there.PutAsync(user: 1, license: 1);
        await _there.PutAsync(user: 2, license: 1, active: false);
    }

    private async Task<string> ListedAsync(params string[] filters) =>
        string.Join(',', JsonNode.Parse(await _there.DoneAsync(["assignment", "list", "acme", "--json", .. filters]))!.AsArray().Select(row => row!["user_id"]!.ToJsonString()));

    private async Task<(int ExitCode, string Ids)> AlertsAsync(params string[] filters)
    {
        AdminResult result = await _there.RunAsync(["license", "list", "acme", "--json", .. filters]);
        return (result.ExitCode, string.Join(',', JsonNode.Parse(result.Output)!.AsArray().Select(row => row!["id"]!.ToJsonString())));
    }

    private async Task<string> EverythingAsync()
    {
        Tables tables = _there.Get<Tables>();
        List<string> values = [];
        foreach (TableClient table in new[] { tables.Assignments, tables.Directory, tables.ApiKeys, tables.Platforms })
        {
            await foreach (TableEntity row in table.QueryAsync<TableEntity>(cancellationToken: Cancellation))
            {
                values.AddRange(row.Select(property => $"\"{property.Value}\""));
            }
        }

        return string.Join('\n', values);
    }

    private static string[] Events(JsonNode feed) => [.. feed["events"]!.AsArray().Select(each => each!["event"]!.GetValue<string>())];

    private static string Cursor(JsonNode feed) => feed["cursor"]!.GetValue<string>();
}
