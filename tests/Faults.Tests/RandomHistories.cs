using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using Licensing.Assignments;
using Licensing.Licenses;
using Licensing.Users;
using Xunit;

namespace Faults.Tests;

/// <summary>
/// Clients that create, update, delete and check at random, record the responses, and compare them with later responses
/// and finally with storage.
/// </summary>
internal sealed class RandomHistories(Cluster cluster, License[] licenses, User[] shared, Tally tally)
{
    private readonly ConcurrentDictionary<string, Ending?> _tokens = new();
    private readonly ConcurrentDictionary<long, (long User, long License)> _ids = new();
    private readonly ConcurrentDictionary<long, bool> _deleted = new();
    private readonly ConcurrentBag<(User User, long License, Held? Held)> _ends = [];

    /// <summary>The token that a change wrote, which identifies its request; null for a delete.</summary>
    public static string? TokenOf(Change change) =>
        change.After is null ? null : JsonNode.Parse(change.After.Metadata)!["token"]?.GetValue<string>();

    /// <summary>A client. It has its own user, whose state it therefore knows, and shares others.</summary>
    public async Task ClientAsync(User own, Random random, Func<bool> goOn)
    {
        Caller caller = new(cluster, random, tally);
        Dictionary<long, Held> held = [];
        for (int i = 0; goOn(); i++)
        {
            License license = licenses[random.Next(licenses.Length)];
            string token = $"{own.Id}-{i}";
            switch (random.Next(10))
            {
                case < 4:
                    await PutOwnAsync(caller, own, license, held, active: random.Next(4) > 0, token);
                    break;
                case < 6 when held.TryGetValue(license.Id, out Held? mine):
                    await DeleteOwnAsync(caller, license, held, mine);
                    break;
                case < 7:
                    await CheckOwnAsync(caller, own, held);
                    break;
                default:
                    await UseSharedAsync(caller, license, random, token);
                    break;
            }
        }

        foreach (License license in licenses)
        {
            _ends.Add((own, license.Id, held.GetValueOrDefault(license.Id)));
        }
    }

    /// <summary>Asserts that everything acknowledged is in storage and nothing that no client requested.</summary>
    public async Task AssertStorageAgreesAsync()
    {
        List<Change> history = await cluster.ReadHistoryAsync();
        ILookup<string, Change> written = history.Where(change => change.After is not null).ToLookup(change => TokenOf(change)!);
        Assert.All(written, each => Assert.True(_tokens.ContainsKey(each.Key), $"nobody sent {each.Key}"));
        foreach ((string token, Ending? ending) in _tokens)
        {
            int records = written[token].Count();
            if (ending!.IsOk)
            {
                Assert.True(records > 0, $"{token} was acknowledged and is not in the history");
            }

            Assert.True(ending.Tries > 1 || records == (ending.IsOk ? 1 : 0), $"{token}, sent once and told {ending.Status}, has {records} records");
        }

        ILookup<long, Change> byId = history.ToLookup(change => change.AssignmentId);
        Assert.All(_deleted.Keys, id => Assert.Null(byId[id].Last().After));
        Assert.All(byId, each => Assert.Single(each.Select(change => (change.UserId, change.LicenseId)).Distinct()));
        foreach ((User user, long license, Held? expected) in _ends)
        {
            Assignment? stored = await cluster.ReadAssignmentAsync(user.Id, license);
            Assert.Equal(expected, stored is null ? null : new Held(stored.Id, stored.State.Active, JsonNode.Parse(stored.State.Metadata)!["token"]!.GetValue<string>()));
        }

        foreach (License license in licenses)
        {
            AssertNeverOversold(license, history);
        }
    }

    private static void AssertNeverOversold(License license, List<Change> history)
    {
        long used = 0;
        foreach (IGrouping<long?, Change> transaction in history
            .Where(change => change.LicenseId == license.Id && change.LicenseVersion is not null)
            .GroupBy(change => change.LicenseVersion)
            .OrderBy(each => each.Key))
        {
            used += transaction.Sum(change => change.SeatDelta);
            Assert.InRange(used, 0, license.Seats ?? long.MaxValue);
        }
    }

    private async Task PutOwnAsync(Caller caller, User own, License license, Dictionary<long, Held> held, bool active, string token)
    {
        Held? before = held.GetValueOrDefault(license.Id);
        Ending ending = await caller.PutAsync(license.Id, own.Id, active, token);
        _tokens[token] = ending;
        if (ending.IsOk)
        {
            Remember(ending.Id, own.Id, license.Id);
            Assert.True(before is null || before.Id == ending.Id, $"the id of user {own.Id}'s assignment changed from {before?.Id} to {ending.Id}");
            held[license.Id] = new Held(ending.Id, active, token);
            return;
        }

        Assert.Equal((HttpStatusCode.BadRequest, "seats_exhausted"), (ending.Status, ending.Code));
        Assert.True(active && before is not { Active: true } && license.Seats is not null, $"{token} was refused though it needed no seat");
    }

    private async Task DeleteOwnAsync(Caller caller, License license, Dictionary<long, Held> held, Held mine)
    {
        Ending ending = await caller.DeleteAsync(license.Id, mine.Id);
        Assert.True(ending.IsOk, $"deleting {mine.Id} ended in {ending.Status} after {ending.Tries} tries");
        _deleted[mine.Id] = true;
        held.Remove(license.Id);
    }

    private static async Task CheckOwnAsync(Caller caller, User own, Dictionary<long, Held> held)
    {
        Ending ending = await caller.CheckAsync(own.Email!.Text);
        Assert.Equal(held.Values.Any(each => each.Active) ? HttpStatusCode.OK : HttpStatusCode.NotFound, ending.Status);
    }

    private async Task UseSharedAsync(Caller caller, License license, Random random, string token)
    {
        User user = shared[random.Next(shared.Length)];
        Ending ending = await caller.PutAsync(license.Id, user.Id, active: random.Next(3) > 0, token);
        _tokens[token] = ending;
        if (!ending.IsOk)
        {
            Assert.Equal((HttpStatusCode.BadRequest, "seats_exhausted"), (ending.Status, ending.Code));
            return;
        }

        Remember(ending.Id, user.Id, license.Id);
        if (random.Next(3) == 0)
        {
            Ending deleted = await caller.DeleteAsync(license.Id, ending.Id);
            Assert.True(deleted.Status is HttpStatusCode.OK or HttpStatusCode.NotFound, $"{deleted.Status}");
            _deleted[ending.Id] = true;
        }
    }

    /// <summary>Asserts that an id belongs to one user's assignment of one license forever.</summary>
    private void Remember(long id, long user, long license) =>
        Assert.Equal((user, license), _ids.GetOrAdd(id, (user, license)));

    /// <summary>What a client knows about the assignments of its own user.</summary>
    internal sealed record Held(long Id, bool Active, string Token);
}
