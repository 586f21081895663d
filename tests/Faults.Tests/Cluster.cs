using Licensing.ApiKeys;
using Licensing.Assignments;
using Licensing.Licenses;
using Licensing.Platforms;
using Licensing.Storage;
using Licensing.Users;
using Licensing.Verification;
using Microsoft.Extensions.DependencyInjection;
using TestSupport;
using Xunit;

namespace Faults.Tests;

/// <summary>Several processes on one storage behind a <see cref="FaultyStorage"/>, and a platform to work on.</summary>
internal sealed class Cluster : IAsyncDisposable
{
    private readonly Instance[] _instances;
    private readonly ServiceProvider _direct;
    private readonly string _prefix;
    private readonly ServedBy _servedBy;

    private Cluster(ServedBy servedBy, FaultyStorage storage, ServiceProvider direct, string prefix, int processes)
    {
        (_servedBy, Storage, _direct, _prefix) = (servedBy, storage, direct, prefix);
        _instances = new Instance[processes];
    }

    public const string Platform = "faults";

    public FaultyStorage Storage { get; }

    /// <summary>The platform's API key.</summary>
    public string Key { get; private set; } = "";

    public int Killed { get; private set; }

    public int Size => _instances.Length;

    public static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<Cluster> StartAsync(AzuriteFixture azurite, ServedBy servedBy, int processes, int seed)
    {
        string prefix = azurite.NewPrefix();
        ServiceProvider direct = await DirectStorage.OpenAsync(azurite.ConnectionString, prefix);
        Platform platform = new(Platform, Org: null, Suspended: false);
        await direct.GetRequiredService<PlatformStore>().TryCreateAsync(platform, Cancellation);
        (_, ApiKeySecret secret) = await direct.GetRequiredService<ApiKeyStore>().CreateAsync(platform, name: null, expires: null, Cancellation);
        Cluster cluster = new(servedBy, await FaultyStorage.StartAsync(azurite.ConnectionString, seed), direct, prefix, processes) { Key = secret.Reveal() };
        await Task.WhenAll(Enumerable.Range(0, processes).Select(cluster.StartInstanceAsync));
        return cluster;
    }

    /// <summary>The current instance at this index; it is replaced when it is killed.</summary>
    public Instance At(int place) => Volatile.Read(ref _instances[place]);

    /// <summary>Kills a process without warning and starts another in its place.</summary>
    public async Task KillAsync(int place)
    {
        Instance instance = At(place);
        await instance.KillAsync(Cancellation);
        Killed++;
        if (!instance.RestartsItself)
        {
            await StartInstanceAsync(place);
            await instance.DisposeAsync();
        }
    }

    public async Task<License> AddLicenseAsync(long? seats) => (await _direct.GetRequiredService<LicenseStore>().CreateAsync(
        Platform, id: null, "Course", seats, starts: null, expires: null, redirectTo: null, Cancellation))!;

    public async Task<User> AddUserAsync(string username)
    {
        Assert.True(EmailAddress.TryParse($"{username}@example.com", out EmailAddress? email));
        return Assert.IsType<AddUserOutcome.Added>(
            await _direct.GetRequiredService<UserStore>().AddAsync(Platform, id: null, username, email, Cancellation)).User;
    }

    public async Task<User[]> AddUsersAsync(int count, string prefix = "user")
    {
        User[] users = new User[count];
        for (int i = 0; i < count; i++)
        {
            users[i] = await AddUserAsync($"{prefix}{i}");
        }

        return users;
    }

    public async Task<License> ReadLicenseAsync(long id) =>
        (await _direct.GetRequiredService<LicenseStore>().FindAsync(Platform, id, Cancellation))!;

    public async Task<Assignment?> ReadAssignmentAsync(long userId, long licenseId) =>
        await _direct.GetRequiredService<AssignmentStore>().OfUserAsync(Platform, userId, Cancellation)
            .FirstOrDefaultAsync(assignment => assignment.LicenseId == licenseId, Cancellation);

    public async Task<List<AssignmentChange>> ReadHistoryAsync() =>
        await _direct.GetRequiredService<AssignmentStore>().HistoryAsync(Platform, Cancellation).ToListAsync(Cancellation);

    /// <summary>Stops the faults and waits until delayed calls have reached storage.</summary>
    public async Task SettleAsync()
    {
        Storage.Rate = 0;
        while (Storage.Inside > 0)
        {
            await Task.Yield();
        }
    }

    /// <summary>Verifies repeatedly while requests are served, and returns how often.</summary>
    public async Task<int> WatchAsync(Func<bool> goOn)
    {
        int verified = 0;
        while (goOn())
        {
            try
            {
                await AssertNothingLostAsync();
                verified++;
            }
            catch (Exception failure) when (StorageFault.IsTransient(failure))
            {
                // Storage is frozen at times.
            }
        }

        return verified;
    }

    public async Task AssertNothingLostAsync()
    {
        VerificationReport report = await _direct.GetRequiredService<Verifier>().VerifyAsync(Platform, repair: false, progress: null, Cancellation);
        Assert.Empty(report.Violations);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (Instance instance in _instances.Where(instance => instance is not null))
        {
            await instance.DisposeAsync();
        }

        await Storage.DisposeAsync();
        await _direct.DisposeAsync();
    }

    private async Task StartInstanceAsync(int place) => Volatile.Write(ref _instances[place], await Instance.StartAsync(
        _servedBy,
        new Dictionary<string, string?> { ["Tables__ConnectionString"] = Storage.ConnectionString, ["Tables__Prefix"] = _prefix },
        Cancellation));
}
