using Azure.Data.Tables;
using Licensing;
using Licensing.ApiKeys;
using Licensing.Assignments;
using Licensing.Licenses;
using Licensing.Platforms;
using Licensing.Storage;
using Licensing.Users;
using Licensing.Verification;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using TestSupport;

namespace Benchmarks;

/// <summary>
/// Separate tables with two platforms: one for the API and one for the bare client. Users have
/// the ids 1, 2, 3 and so on, and so do licenses.
/// </summary>
internal sealed class World : IAsyncDisposable
{
    public const string Platform = "bench";
    public const string BarePlatform = "bare";

    private const int Together = 16;

    private static int _count;

    private readonly ServiceProvider _services;
    private int _licenses;

    private World(string connectionString, string prefix, ServiceProvider services, InMemoryTables? memory) =>
        (ConnectionString, Prefix, _services, Memory) = (connectionString, prefix, services, memory);

    /// <summary>The tables, if they are in this process.</summary>
    public InMemoryTables? Memory { get; }

    public string ConnectionString { get; }

    public string Prefix { get; }

    /// <summary>The API key of <see cref="Platform"/>.</summary>
    public string Key { get; private set; } = "";

    public int Users { get; private set; }

    public static string EmailOf(long user) => $"user{user}@bench.example";

    public static EmailAddress EmailAddressOf(long user) =>
        EmailAddress.TryParse(EmailOf(user), out EmailAddress? email) ? email : throw new InvalidOperationException("It is an address.");

    /// <summary>Creates tables in this process's memory.</summary>
    public static Task<World> CreateInMemoryAsync(int users) => CreateAsync(InMemoryTables.ConnectionString, users, new InMemoryTables(TimeProvider.System));

    public static async Task<World> CreateAsync(string connectionString, int users, InMemoryTables? memory = null)
    {
        string prefix = $"B{Interlocked.Increment(ref _count)}";
        IServiceCollection collection = new ServiceCollection()
            .AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["Tables:ConnectionString"] = connectionString,
                ["Tables:Prefix"] = prefix,
            }).Build())
            .AddLicensing();
        if (memory is not null)
        {
            collection.Configure<TableClientOptions>(memory.Serve);
        }

        ServiceProvider services = collection.BuildServiceProvider();
        await services.GetRequiredService<Tables>().CreateIfMissingAsync(CancellationToken.None);
        World world = new(connectionString, prefix, services, memory);
        await world.AddPlatformAsync(Platform);
        Platform platform = new(Platform, Org: null, Suspended: false);
        (_, ApiKeySecret secret) = await services.GetRequiredService<ApiKeyStore>().CreateAsync(platform, name: null, expires: null, CancellationToken.None);
        world.Key = secret.Reveal();
        world.Users = users;
        await world.WriteAsync(Enumerable.Range(1, users).Select(id => new TableTransactionAction(
            TableTransactionActionType.Add, UserRows.ToEntity(UserOf(id)))), rowsTogether: 100);
        return world;
    }

    public Task AddPlatformAsync(string key) => _services.GetRequiredService<PlatformStore>()
        .TryCreateAsync(new Platform(key, Org: null, Suspended: false), CancellationToken.None);

    /// <summary>Adds licenses with this many seats to both platforms, and returns the id of the first.</summary>
    public async Task<int> AddLicensesAsync(int count, long seats = 1_000_000)
    {
        int first = Interlocked.Add(ref _licenses, count) - count + 1;
        LicenseStore licenses = _services.GetRequiredService<LicenseStore>();
        await Parallel.ForAsync(first, first + count, new ParallelOptions { MaxDegreeOfParallelism = Together }, async (id, cancellationToken) =>
        {
            foreach (string platform in new[] { Platform, BarePlatform })
            {
                await licenses.CreateAsync(platform, id, "Course", seats, starts: null, expires: null, redirectTo: null, cancellationToken);
            }
        });
        return first;
    }

    /// <summary>Gives the first users e-mail addresses.</summary>
    public Task AddEmailsAsync(int users) => Parallel.ForAsync(1, users + 1, new ParallelOptions { MaxDegreeOfParallelism = Together }, async (id, cancellationToken) =>
    {
        User user = UserOf(id);
        await Tables.Directory.UpsertEntityAsync(UserDirectory.ToEntity(user, user.Email!), TableUpdateMode.Replace, cancellationToken);
    });

    /// <summary>Writes assignments as if they had been created long ago, license by license.</summary>
    public async Task AddAssignmentsAsync(string platform, IReadOnlyCollection<(long License, long User)> pairs)
    {
        long first = await _services.GetRequiredService<IdSequence>().LeaseAsync(platform, IdKind.Assignment, pairs.Count, CancellationToken.None);
        IEnumerable<TableEntity> rows = pairs
            .Select((pair, i) => new Assignment(
                platform, first + i, pair.User, pair.License, new AssignmentState(Active: true, Fulfilled: false, "{}"), Version: 1))
            .SelectMany(assignment => new[] { AssignmentRows.ToEntity(assignment), AssignmentRows.ToEntity(BareClient.ChangeOf(null, assignment, 1)) });
        if (Memory is not null)
        {
            Memory.Fill($"{Prefix}Assignments", rows);
            return;
        }

        await WriteAsync(rows.Select(row => new TableTransactionAction(TableTransactionActionType.Add, row)), rowsTogether: 100);
    }

    /// <summary>Counts the active assignments, independently of the license row.</summary>
    public async Task<int> CountAsync(string platform, long license) => await _services.GetRequiredService<AssignmentStore>()
        .OfPlatformAsync(platform, CancellationToken.None)
        .CountAsync(assignment => assignment.LicenseId == license && assignment.State.Active);

    public Task<VerificationReport> VerifyAsync() =>
        _services.GetRequiredService<Verifier>().VerifyAsync(Platform, repair: false, progress: null, CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        Memory?.Dispose();
    }

    private Tables Tables => _services.GetRequiredService<Tables>();

    private Task WriteAsync(IEnumerable<TableTransactionAction> actions, int rowsTogether) => Parallel.ForEachAsync(
        actions.Chunk(rowsTogether),
        new ParallelOptions { MaxDegreeOfParallelism = 4 },
        async (chunk, cancellationToken) => await Tables.Assignments.SubmitTransactionAsync(chunk, cancellationToken));

    private static User UserOf(long id) => new(Platform, id, $"user{id}", EmailAddressOf(id));
}
