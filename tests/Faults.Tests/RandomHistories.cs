using System.Text.Json.Nodes;
using Faults.Tests.Histories;
using Licensing.Assignments;
using Licensing.Licenses;
using Licensing.Users;

namespace Faults.Tests;

/// <summary>Clients that create, update, delete and check at random. Requests, responses and the final storage are recorded.</summary>
internal sealed class RandomHistories(Cluster cluster, License[] licenses, User[] shared, Tally tally, Recorder recorder)
{
    /// <summary>The token that a change wrote, which identifies its request; null for a delete.</summary>
    public static string? TokenOf(AssignmentChange change) => change.After is null ? null : TokenOf(change.After);

    /// <summary>A client. It has its own user, whose state it therefore knows, and shares others.</summary>
    public async Task ClientAsync(User own, Random random, Func<bool> goOn)
    {
        Caller caller = new(cluster, random, tally, recorder, own.Id);
        Dictionary<long, long> held = [];
        for (int i = 0; goOn(); i++)
        {
            License license = licenses[random.Next(licenses.Length)];
            string token = $"{own.Id}-{i}";
            switch (random.Next(10))
            {
                case < 4:
                    Ending put = await caller.PutAsync(license.Id, own.Id, active: random.Next(4) > 0, token);
                    if (put.IsOk)
                    {
                        held[license.Id] = put.Id;
                    }

                    break;
                case < 6 when held.Remove(license.Id, out long mine):
                    await caller.DeleteAsync(license.Id, own.Id, mine);
                    break;
                case < 7:
                    await caller.CheckAsync(own);
                    break;
                default:
                    await UseSharedAsync(caller, license, random, token);
                    break;
            }
        }
    }

    /// <summary>Adds what is in storage to the history.</summary>
    public async Task RecordStorageAsync(IEnumerable<User> own)
    {
        foreach (AssignmentChange change in await cluster.ReadHistoryAsync())
        {
            recorder.Add(new Written(
                change.AssignmentId,
                change.Version,
                change.UserId,
                change.LicenseId,
                TokenOf(change),
                change.SeatDelta,
                change.Counter is { } counter ? counter.Allotment ?? Judge.LicenseRow : null,
                change.Counter?.Version ?? 0,
                change.At));
        }

        foreach ((User user, License license) in own.SelectMany(user => licenses.Select(license => (user, license))))
        {
            Assignment? stored = await cluster.ReadAssignmentAsync(user.Id, license.Id);
            recorder.Add(stored is null
                ? new Stored(user.Id, license.Id)
                : new Stored(user.Id, license.Id, stored.Id, stored.State.Active, TokenOf(stored.State)));
        }
    }

    private static string? TokenOf(AssignmentState state) => JsonNode.Parse(state.Metadata)!["token"]?.GetValue<string>();

    private async Task UseSharedAsync(Caller caller, License license, Random random, string token)
    {
        User user = shared[random.Next(shared.Length)];
        Ending ending = await caller.PutAsync(license.Id, user.Id, active: random.Next(3) > 0, token, own: false);
        if (ending.IsOk && random.Next(3) == 0)
        {
            await caller.DeleteAsync(license.Id, user.Id, ending.Id, own: false);
        }
    }
}
