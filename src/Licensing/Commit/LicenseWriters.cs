using System.Collections.Concurrent;
using Licensing.Licenses;
using Licensing.Storage;

namespace Licensing.Commit;

/// <summary>The writers of the licenses that have requests waiting; one each, gone when idle.</summary>
internal sealed class LicenseWriters(CommitServices services)
{
    private readonly ConcurrentDictionary<(string Platform, long LicenseId), LicenseWriter> _writers = new();

    /// <summary>Writers at work now.</summary>
    public int Count => _writers.Count;

    public async Task<ChangeResult> CommitAsync(PendingChange change)
    {
        (string Platform, long LicenseId) key = (change.Request.Platform, change.Request.LicenseId);
        while (!_writers.GetOrAdd(key, Create).TryEnqueue(change))
        {
            // The writer retired in this moment; the next look makes another.
        }

        return await change.Reply.Task;
    }

    /// <summary>Until no change waits or is under way, those of callers that have left included.</summary>
    public Task DrainAsync() => Task.WhenAll(_writers.Values.Select(writer => writer.Retired));

    private LicenseWriter Create((string Platform, long LicenseId) key) =>
        new(key.Platform, key.LicenseId, services, writer => _writers.TryRemove(KeyValuePair.Create(key, writer)));
}

/// <summary>What the writers of an instance share.</summary>
internal sealed record CommitServices(
    Tables Tables,
    LicenseStore Licenses,
    KnownAssignments Known,
    TimeProvider Time);
