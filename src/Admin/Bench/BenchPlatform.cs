using System.Globalization;
using Admin.Arguments;
using Licensing;
using Licensing.ApiKeys;
using Licensing.Licenses;
using Licensing.Platforms;
using Licensing.Users;

namespace Admin.Bench;

/// <summary>A temporary platform for a benchmark, with one license and users, some of them with addresses.</summary>
internal sealed class BenchPlatform(
    PlatformStore platforms, LicenseStore licenses, UserStore users, ApiKeyStore keys, PlatformRemoval removal, AssignmentService service)
{
    /// <summary>Users with addresses: enough to spread checks over many partitions of the directory.</summary>
    private const int People = 50;

    private const int UsersInGroup = 100;
    private const int GroupsAtOnce = 4;

    private ApiKey? _key;

    public Platform Platform { get; } = new($"bench-{Guid.CreateVersion7():N}", Org: null, Suspended: false);

    public long LicenseId { get; private set; }

    /// <summary>Users without an assignment.</summary>
    public IReadOnlyList<long> UserIds { get; private set; } = [];

    /// <summary>Addresses of users who have an active assignment.</summary>
    public IReadOnlyList<string> Emails { get; private set; } = [];

    /// <summary>Creates the platform. <see cref="RemoveAsync"/> also removes an incomplete one.</summary>
    public async Task CreateAsync(int userCount, CancellationToken cancellationToken)
    {
        if (!await platforms.TryCreateAsync(Platform, cancellationToken))
        {
            throw new InvalidOperationException("A new GUID is in use.");
        }

        License license = (await licenses.CreateAsync(
            Platform.Key, id: null, "Benchmark", seats: null, starts: null, expires: null, redirectTo: null, cancellationToken))!;
        LicenseId = license.Id;
        UserIds = await AddAsync([.. Enumerable.Range(0, userCount).Select(i => new NewUser(i + 1, Name(i), Email: null))], cancellationToken);
        Emails = [.. Enumerable.Range(0, People).Select(i => $"{Name(i)}@{Platform.Key}.example")];
        foreach (long id in await AddAsync([.. Emails.Select((email, i) => new NewUser(userCount + i + 1, Name(i), Address(email)))], cancellationToken))
        {
            await service.PutAsync(
                AdminRequests.Put(Platform, LicenseId, new UserReference(id, null), active: true, fulfilled: false), cancellationToken);
        }
    }

    public async Task<ApiKeySecret> CreateKeyAsync(CancellationToken cancellationToken)
    {
        (_key, ApiKeySecret secret) = await keys.CreateAsync(Platform, "bench", expires: null, cancellationToken);
        return secret;
    }

    /// <summary>Removes the platform.</summary>
    /// <param name="isSettled">
    /// Whether every request got a response. If so, no one can use the key, because only this process knows its secret, and
    /// the removal need not wait until no instance accepts it.
    /// </param>
    public async Task RemoveAsync(bool isSettled, CancellationToken cancellationToken)
    {
        if (await platforms.SetSuspendedAsync(Platform.Key, suspended: true, cancellationToken) is null)
        {
            return;
        }

        if (isSettled && _key is not null)
        {
            await keys.RemoveAsync(_key, cancellationToken);
        }

        await removal.RemoveAsync(Platform.Key, progress: null, cancellationToken);
    }

    private async Task<IReadOnlyList<long>> AddAsync(NewUser[] added, CancellationToken cancellationToken)
    {
        await Parallel.ForEachAsync(
            added.Chunk(UsersInGroup),
            new ParallelOptions { MaxDegreeOfParallelism = GroupsAtOnce, CancellationToken = cancellationToken },
            async (group, cancellationToken) => await users.AddGroupAsync(Platform.Key, group, cancellationToken));
        return [.. added.Select(user => user.Id!.Value)];
    }

    private static string Name(int i) => string.Create(CultureInfo.InvariantCulture, $"user{i}");

    private static EmailAddress Address(string text) =>
        EmailAddress.TryParse(text, out EmailAddress? address) ? address : throw new InvalidOperationException("Not an address.");
}
