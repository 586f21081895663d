using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Data.Tables;
using Licensing.Assignments;
using Licensing.Licenses;
using Licensing.Storage;
using Licensing.Users;

namespace Benchmarks;

/// <summary>
/// The limit: the same rows in the same entity group transactions, and the same reads, with only the storage
/// client. It remembers what it wrote, so it never needs to read it.
/// </summary>
internal sealed class BareClient : IClient
{
    private readonly TableClient _assignments;
    private readonly TableClient _directory;
    private readonly Dictionary<long, BareLicense> _licenses = [];
    private readonly List<Assignment>[] _made = [.. Enumerable.Range(0, Callers.Most).Select(_ => new List<Assignment>())];
    private readonly int[] _updated = new int[Callers.Most];
    private readonly int[] _checked = new int[Callers.Most];
    private readonly string _platform;
    private long _id;

    /// <param name="firstId">The first id of the assignments it creates.</param>
    public BareClient(World world, int delay, string platform = World.BarePlatform, long firstId = 1)
    {
        TableServiceClient service = Client(world, delay);
        _assignments = service.GetTableClient($"{world.Prefix}Assignments");
        _directory = service.GetTableClient($"{world.Prefix}Directory");
        _platform = platform;
        _id = firstId - 1;
    }

    /// <summary>The SDK's default storage client, without its limit of 50 connections.</summary>
    public static TableServiceClient Client(World world, int delay)
    {
        TableClientOptions options = new();
        options.Transport = new HttpClientTransport(new SocketsHttpHandler { UseCookies = false, UseProxy = false });
        world.Memory?.Serve(options);
        options.AddPolicy(new StorageCalls(TimeSpan.FromMilliseconds(delay)), HttpPipelinePosition.PerRetry);
        return new TableServiceClient(world.ConnectionString, options);
    }

    public async Task<bool> CreateAsync(int caller, Pairs pairs)
    {
        if (!pairs.TryNext(caller, out long license, out long user))
        {
            return false;
        }

        Assignment assignment = new(
            _platform, Interlocked.Increment(ref _id), user, license, new AssignmentState(Active: true, Fulfilled: false, "{}"), Version: 1);
        await WriteAsync(await LicenseAsync(license), null, assignment);
        _made[caller].Add(assignment);
        return true;
    }

    public async Task<bool> UpdateAsync(int caller)
    {
        List<Assignment> made = _made[caller];
        if (made.Count == 0)
        {
            return false;
        }

        int index = _updated[caller]++ % made.Count;
        Assignment before = made[index];
        Assignment after = before with { State = before.State with { Fulfilled = !before.State.Fulfilled }, Version = before.Version + 1 };
        await WriteAsync(await LicenseAsync(before.LicenseId), before, after);
        made[index] = after;
        return true;
    }

    public async Task<bool> DeleteAsync(int caller)
    {
        List<Assignment> made = _made[caller];
        if (made.Count == 0)
        {
            return false;
        }

        Assignment last = made[^1];
        made.RemoveAt(made.Count - 1);
        // The request names the assignment by its id only.
        TableEntity row = await _assignments.GetEntityAsync<TableEntity>(_platform, TableKey.FirstChange(last.Id));
        await WriteAsync(await LicenseAsync(last.LicenseId), AssignmentRows.ToStanding(_platform, row).Assignment, null);
        return true;
    }

    public async Task<bool> CheckAsync(int caller, int users)
    {
        int next = _checked[caller]++;
        _ = EmailAddress.TryParse(users == 0 ? $"nobody{next}@bench.example" : World.EmailOf(1 + (next % users)), out EmailAddress? email);
        string partition = email!.DirectoryKey;
        await foreach (TableEntity user in _directory.QueryAsync<TableEntity>(TableClient.CreateQueryFilter($"PartitionKey eq {partition}")))
        {
            string from = TableKey.AssignmentsOf(user.GetInt64("UserId")!.Value);
            string to = TableKey.After(from);
            await foreach (TableEntity _ in _assignments.QueryAsync<TableEntity>(
                TableClient.CreateQueryFilter($"PartitionKey eq {user.GetString("Platform")} and RowKey ge {from} and RowKey lt {to}")))
            {
                return true;
            }
        }

        return users == 0;
    }

    /// <summary>The history record's content for a change.</summary>
    public static AssignmentChange ChangeOf(Assignment? before, Assignment? after, long? licenseVersion) => AssignmentChange.Of(
        before,
        after,
        licenseVersion is { } version ? new CounterVersion(Allotment: null, version) : null,
        TimeProvider.System.GetUtcNow(),
        "0123456789abcdef",
        Guid.CreateVersion7());

    private async Task WriteAsync(BareLicense license, Assignment? before, Assignment? after)
    {
        int seats = (after?.State.Seats ?? 0) - (before?.State.Seats ?? 0);
        List<TableTransactionAction> actions = [];
        if (seats != 0)
        {
            license.License = license.License with { SeatsUsed = license.License.SeatsUsed + seats, Version = license.License.Version + 1 };
            actions.Add(new TableTransactionAction(TableTransactionActionType.UpdateMerge, LicenseRows.SeatsEntity(license.License), license.ETag));
        }

        TableTransactionActionType type = before is null ? TableTransactionActionType.Add
            : after is null ? TableTransactionActionType.Delete
            : TableTransactionActionType.UpdateReplace;
        actions.Add(new TableTransactionAction(type, AssignmentRows.ToEntity(after ?? before!), ETag.All));
        AssignmentChange change = ChangeOf(before, after, seats == 0 ? null : license.License.Version);
        actions.Add(new TableTransactionAction(TableTransactionActionType.Add, AssignmentRows.ToEntity(change)));
        if (before is not null)
        {
            actions.Add(new TableTransactionAction(TableTransactionActionType.UpdateMerge, AssignmentRows.StandingEntity(change), ETag.All));
        }

        Response<IReadOnlyList<Response>> response = await _assignments.SubmitTransactionAsync(actions);
        if (seats != 0)
        {
            license.ETag = response.Value[0].Headers.ETag!.Value;
        }
    }

    private async ValueTask<BareLicense> LicenseAsync(long id)
    {
        lock (_licenses)
        {
            if (_licenses.TryGetValue(id, out BareLicense? known))
            {
                return known;
            }
        }

        TableEntity row = await _assignments.GetEntityAsync<TableEntity>(_platform, TableKey.License(id));
        BareLicense license = new() { License = LicenseRows.ToRow(_platform, row), ETag = row.ETag };
        lock (_licenses)
        {
            _licenses.Add(id, license);
        }

        return license;
    }

    private sealed class BareLicense
    {
        public required LicenseRow License { get; set; }

        public ETag ETag { get; set; }
    }
}
