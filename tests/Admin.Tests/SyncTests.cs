using System.Globalization;
using System.Text.Json.Nodes;
using Licensing.Assignments;
using TestSupport;
using Xunit;

namespace Admin.Tests;

/// <summary>A sync makes a license's assignments match a file.</summary>
public sealed class SyncTests(AzuriteFixture azurite) : IDisposable
{
    private readonly Provisioning _there = new(azurite);

    public void Dispose() => _there.Dispose();

    [Fact]
    public async Task Sync_makes_assignments_match_the_file_and_a_dry_run_only_reports()
    {
        await ClassAsync(users: 4, assigned: 3);
        string file = _there.Write("class.csv", "email,active\nuser1@example.org,\nuser2@example.org,false\nuser4@example.org,\n");
        string[] before = await HeldAsync();

        JsonNode plan = JsonNode.Parse(await _there.DoneAsync("assignment", "sync", "acme", file, "--license", "1", "--max-removals", "1", "--dry-run", "--json"))!;
        Assert.Equal(
            ["remove 3: not in the file", "change 2: line 3: active -> pending", "add 4: line 4: no assignment yet"],
            plan["steps"]!.AsArray().Select(step => $"{step!["action"]} {step["user_id"]}: {step["why"]}"));
        Assert.Equal(before, await HeldAsync());

        Assert.Equal(
            "License 1 of platform acme: 1 assignment added, 1 changed, 1 removed, 1 unchanged.\n",
            await _there.DoneAsync("assignment", "sync", "acme", file, "--license", "1", "--max-removals", "1"));
        Assert.Equal(["1 True", "2 False", "4 True"], await HeldAsync());
        Assert.Equal(
            "License 1 of platform acme: 0 assignments added, 0 changed, 0 removed, 3 unchanged.\n",
            await _there.DoneAsync("assignment", "sync", "acme", file, "--license", "1"));
        await _there.CleanAsync();
    }

    [Fact]
    public async Task A_truncated_file_does_not_remove_most_assignments()
    {
        await ClassAsync(users: 10, assigned: 10);
        string cut = _there.Write("cut.csv", "email\n" + string.Concat(Enumerable.Range(1, 8).Select(i => $"user{i}@example.org\n")));
        string oneLeft = _there.Write("one.csv", "email\n" + string.Concat(Enumerable.Range(1, 9).Select(i => $"user{i}@example.org\n")));

        foreach (string[] option in new string[][] { [], ["--dry-run"], ["--max-removals", "1"], ["--max-removals", "19%"] })
        {
            AdminResult result = await _there.RunAsync(["assignment", "sync", "acme", cut, "--license", "1", .. option]);
            Assert.Equal((1, ""), (result.ExitCode, result.Output));
            Assert.StartsWith("The file would remove 2 of 10 assignments of license 1, more than ", result.Error, StringComparison.Ordinal);
        }

        Assert.Equal(10, (await HeldAsync()).Length);
        await _there.DoneAsync("assignment", "sync", "acme", oneLeft, "--license", "1");
        Assert.Equal(9, (await HeldAsync()).Length);
        await _there.DoneAsync("assignment", "sync", "acme", cut, "--license", "1", "--max-removals", "12%");
        Assert.Equal(8, (await HeldAsync()).Length);
    }

    [Fact]
    public async Task Sync_can_be_limited_to_additions_or_removals()
    {
        await ClassAsync(users: 2, assigned: 1);
        string file = _there.Write("class.csv", "user_id\n2\n");

        await _there.DoneAsync("assignment", "sync", "acme", file, "--license", "1", "--add-only");
        Assert.Equal(["1 True", "2 True"], await HeldAsync());
        await _there.DoneAsync("assignment", "sync", "acme", _there.Write("one.csv", "user_id\n1\n"), "--license", "1", "--remove-only", "--max-removals", "100%");
        Assert.Equal(["1 True"], await HeldAsync());
    }

    [Fact]
    public async Task An_invalid_line_stops_a_sync_and_freed_seats_are_reused()
    {
        await ClassAsync(users: 4, assigned: 3, seats: 3);
        string faulty = _there.Write("faulty.csv", "email\nuser1@example.org\nnobody@example.org\n");
        AdminResult refused = await _there.RunAsync("assignment", "sync", "acme", faulty, "--license", "1", "--max-removals", "100%");
        Assert.Equal(
            (1, "line 3: no user has this e-mail address\nNothing was written: fix the line above (1). A sync cannot skip lines, because it would remove their assignments.\n"),
            (refused.ExitCode, refused.Error));
        Assert.Equal(3, (await HeldAsync()).Length);

        string swap = _there.Write("swap.csv", "user_id\n1\n2\n4\n");
        await _there.DoneAsync("assignment", "sync", "acme", swap, "--license", "1", "--max-removals", "1");
        Assert.Equal(["1 True", "2 True", "4 True"], await HeldAsync());
        string all = _there.Write("all.csv", "user_id\n1\n2\n3\n4\n");
        Assert.Equal(
            new AdminResult(1, "", "License 1 has 0 free seats and the file needs 1 more than it frees: raise --seats with 'license update'.\n"),
            await _there.RunAsync("assignment", "sync", "acme", all, "--license", "1"));
    }

    private async Task ClassAsync(int users, int assigned, long? seats = null)
    {
        await _there.PlatformAsync("acme");
        await _there.LicenseAsync("Algebra", seats);
        for (int i = 1; i <= users; i++)
        {
            await _there.UserAsync($"user{i}", $"user{i}@example.org");
            if (i <= assigned)
            {
                await _there.PutAsync(user: i, license: 1);
            }
        }
    }

    private async Task<string[]> HeldAsync() =>
        await _there.Get<AssignmentStore>().OfPlatformAsync("acme", TestContext.Current.CancellationToken)
            .Select(assignment => string.Create(CultureInfo.InvariantCulture, $"{assignment.UserId} {assignment.State.Active}"))
            .ToArrayAsync(TestContext.Current.CancellationToken);
}
