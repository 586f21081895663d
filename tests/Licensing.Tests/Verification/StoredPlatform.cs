using Azure;
using Azure.Core.Pipeline;
using Azure.Data.Tables;
using Licensing.Assignments;
using Licensing.Licenses;
using Licensing.Storage;
using Licensing.Tests.Schedules;
using Licensing.Users;
using Licensing.Verification;
using Microsoft.Extensions.Options;
using TestSupport;
using Xunit;

namespace Licensing.Tests.Verification;

/// <summary>A platform in memory with rows as the service writes them, for tests to damage and verify.</summary>
internal sealed class StoredPlatform : IDisposable
{
    public const string Key = "acme";

    public static readonly AssignmentState Active = new(Active: true, Fulfilled: false, "{}");
    public static readonly AssignmentState Inactive = new(Active: false, Fulfilled: false, "{}");

    private readonly InMemoryTables _storage;
    private readonly Interruptions _interruptions;
    private readonly HttpClient _http;
    private readonly Tables _tables;
    private readonly LicenseStore _licenses;
    private readonly AssignmentStore _assignments;
    private readonly UserStore _users;

    public StoredPlatform()
    {
        _storage = new InMemoryTables(Time);
        _interruptions = new Interruptions(_storage);
        _http = new HttpClient(_interruptions) { Timeout = Timeout.InfiniteTimeSpan };
        TableClientOptions options = new() { Transport = new HttpClientTransport(_http) };
        options.Retry.NetworkTimeout = Timeout.InfiniteTimeSpan;
        options.Diagnostics.IsLoggingEnabled = options.Diagnostics.IsDistributedTracingEnabled = false;
        _tables = new Tables(new TableServiceClient(InMemoryTables.ConnectionString, options), Options.Create(new TablesOptions()));
        IdSequence ids = new(_tables);
        _licenses = new LicenseStore(_tables, ids, Time, new Administrator("admin"));
        _assignments = new AssignmentStore(_tables);
        _users = Stores.Users(_tables, ids, Time);
        _storage.CreateTable("Assignments");
        _storage.CreateTable("Directory");
    }

    public VirtualTime Time { get; } = new();

    /// <summary>The number of storage calls.</summary>
    public int Calls => _interruptions.Calls;

    /// <summary>Runs when verification waits for time to pass.</summary>
    public Func<Task> WhileWaiting { get; set; } = () => Task.CompletedTask;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static EmailAddress Address(string text) => EmailAddress.TryParse(text, out EmailAddress? address) ? address : throw new ArgumentException(text);

    /// <summary>The address of a user.</summary>
    public static EmailAddress AddressOf(long user) => Address($"user{user}@example.org");

    /// <summary>Creates a license with this many seats, and three users with addresses.</summary>
    public static async Task<StoredPlatform> StartAsync(long? seats = 10)
    {
        StoredPlatform platform = new();
        await platform.AddLicenseAsync(1, seats);
        for (long user = 1; user <= 3; user++)
        {
            await platform.AddUserAsync(user, AddressOf(user));
        }

        return platform;
    }

    public void Dispose() => _http.Dispose();

    public Task AddLicenseAsync(long id, long? seats = 10) => PutAsync(LicenseRows.ToEntity(LicenseOf(id, seats)));

    public async Task AddUserAsync(long id, EmailAddress? email)
    {
        User user = new(Key, id, $"user{id}", email);
        await PutAsync(UserRows.ToEntity(user));
        if (email is not null)
        {
            await _tables.Directory.UpsertEntityAsync(UserDirectory.ToEntity(user, email), TableUpdateMode.Replace, Cancellation);
        }
    }

    /// <summary>Writes a change of an assignment: its row, its history and the seat count, on the license row or on an allotment.</summary>
    /// <param name="id">The assignment; it is created if it has no history.</param>
    /// <param name="user">The user of the assignment.</param>
    /// <param name="after">The new state; null to delete it.</param>
    /// <param name="license">The license.</param>
    /// <param name="allotment">The name of the allotment that counts the seat.</param>
    public async Task ChangeAsync(long id, long user, AssignmentState? after, long license = 1, string? allotment = null)
    {
        AssignmentChange? last = await _assignments.HistoryAsync(Key, id, Cancellation).LastOrDefaultAsync(Cancellation);
        AssignmentChange change = new(
            Key, id, (last?.Version ?? 0) + 1, user, license, last?.After, after, Counter: null, Time.GetUtcNow(), "key", Guid.NewGuid());
        if (change.SeatDelta != 0)
        {
            change = change with { Counter = new CounterVersion(allotment, await CountAsync(license, allotment, change.SeatDelta)) };
        }

        await PutAsync(AssignmentRows.ToEntity(change));
        if (last is not null)
        {
            await _tables.Assignments.UpsertEntityAsync(AssignmentRows.StandingEntity(change), TableUpdateMode.Merge, Cancellation);
        }

        await (change.Assignment is { } assignment
            ? PutAsync(AssignmentRows.ToEntity(assignment))
            : DeleteAsync(TableKey.Assignment(user, license)));
        await MoveSequenceAsync(id + 1);
    }

    /// <summary>Moves free seats of license 1 to a new allotment.</summary>
    /// <returns>The allotment's name.</returns>
    public async Task<string> TakeAllotmentAsync(long free)
    {
        LicenseRow license = await LicenseAsync();
        license = license with { SeatsUsed = license.SeatsUsed + free, Allotments = license.Allotments + 1, Version = license.Version + 1 };
        Allotment allotment = new(Allotment.NameFor(license.Version, "i"), free, Version: 1, default, default);
        await PutAsync(LicenseRows.ToEntity(license));
        await PutAsync(LicenseRows.ToEntity(license, allotment));
        return allotment.Name;
    }

    /// <summary>Returns the free seats of an allotment to license 1.</summary>
    public async Task FoldAsync(string allotment)
    {
        LicenseRow license = await LicenseAsync();
        TableEntity row = (await FindAsync(TableKey.Allotment(1, allotment)))!;
        await PutAsync(LicenseRows.ToEntity(license with
        {
            SeatsUsed = license.SeatsUsed - row.GetInt64("Free")!.Value,
            Allotments = license.Allotments - 1,
            Version = license.Version + 1,
        }));
        await DeleteAsync(row.RowKey);
    }

    public async Task FenceAsync(long user) => await PutAsync(AssignmentRows.Fence(Key, user, licenseId: 1));

    public async Task<LicenseRow> LicenseAsync(long id = 1) => LicenseRows.ToRow(Key, (await FindAsync(TableKey.License(id)))!);

    public Task<TableEntity?> FindAsync(string row) => _tables.Assignments.FindAsync(Key, row, Cancellation);

    public Task<TableEntity?> FindInDirectoryAsync(EmailAddress email) => _tables.Directory.FindAsync(email.DirectoryKey, Key, Cancellation);

    /// <summary>All rows of both tables.</summary>
    public async Task<IReadOnlyList<TableEntity>> RowsAsync() =>
    [
        .. await _tables.Assignments.QueryAsync<TableEntity>(cancellationToken: Cancellation).ToListAsync(Cancellation),
        .. await _tables.Directory.QueryAsync<TableEntity>(cancellationToken: Cancellation).ToListAsync(Cancellation),
    ];

    public Task PutAsync(TableEntity row) => _tables.Assignments.UpsertEntityAsync(row, TableUpdateMode.Replace, Cancellation);

    public Task PutInDirectoryAsync(TableEntity row) => _tables.Directory.UpsertEntityAsync(row, TableUpdateMode.Replace, Cancellation);

    public Task DeleteAsync(string row) => _tables.Assignments.DeleteEntityAsync(Key, row, ETag.All, Cancellation);

    public Task DeleteInDirectoryAsync(EmailAddress email) => _tables.Directory.DeleteEntityAsync(email.DirectoryKey, Key, ETag.All, Cancellation);

    public async Task EditAsync(string row, string property, object? value)
    {
        TableEntity edited = (await FindAsync(row))!;
        edited[property] = value;
        await PutAsync(edited);
    }

    public async Task EditInDirectoryAsync(EmailAddress email, string property, object? value)
    {
        TableEntity edited = (await FindInDirectoryAsync(email))!;
        edited[property] = value;
        await PutInDirectoryAsync(edited);
    }

    /// <summary>Adds licenses, users with addresses, and inactive assignments of license 1 for some of them.</summary>
    public void Fill(int licenses, IReadOnlyCollection<long> users, IReadOnlyCollection<long> assigned)
    {
        AssignmentChange[] changes = [.. assigned.Select(id => new AssignmentChange(
            Key, id, 1, id, 1, Before: null, Inactive, Counter: null, Time.GetUtcNow(), "key", Guid.NewGuid()))];
        User[] all = [.. users.Select(id => new User(Key, id, $"user{id}", AddressOf(id)))];
        _storage.Fill(
            "Assignments",
            [
                .. Enumerable.Range(1, licenses).Select(id => LicenseRows.SeatsEntity(LicenseOf(id, seats: null))),
                .. all.Select(UserRows.ToEntity),
                .. changes.Select(AssignmentRows.ToEntity),
                .. changes.Select(change => AssignmentRows.ToEntity(change.Assignment!)),
            ]);
        _storage.Fill("Directory", all.Select(user => UserDirectory.ToEntity(user, user.Email!)));
    }

    /// <summary>Runs something once, before the nth call from now whose method, path and query contain this. Several run in order.</summary>
    public void Before(string call, Func<Task> action, int nth = 1)
    {
        for (int skipped = 1; skipped < nth; skipped++)
        {
            _interruptions.Add(call, () => Task.CompletedTask);
        }

        _interruptions.Add(call, action);
    }

    public async Task<VerificationReport> VerifyAsync(bool repair = false, IProgress<VerificationProgress>? progress = null)
    {
        Task<VerificationReport> verification = new Verifier(_tables, _licenses, _assignments, _users, Time)
            .VerifyAsync(Key, repair, progress, Cancellation);
        while (!verification.IsCompleted)
        {
            if (Time.Delays > 0)
            {
                await WhileWaiting();
                Time.AdvanceToNextTimer(Time.GetUtcNow().AddMinutes(1));
            }

            await Task.Yield();
        }

        Assert.True(_interruptions.AreOver, "A call that the test waits for was not made.");
        return await verification;
    }

    /// <summary>Verifies without repair and asserts exactly these violations.</summary>
    public async Task FindsAsync(params Violation[] violations) => Assert.Equal(violations, (await VerifyAsync()).Violations);

    /// <summary>Verifies with repair, and asserts exactly these violations before the repair and none after it.</summary>
    /// <returns>The repairs.</returns>
    public async Task<IReadOnlyList<string>> RepairsAsync(params Violation[] violations)
    {
        VerificationReport report = await VerifyAsync(repair: true);
        Assert.Equal(violations, report.Violations);
        await FindsAsync();
        return report.Repairs;
    }

    private static LicenseRow LicenseOf(long id, long? seats) =>
        new(Key, id, "Course", seats, Active: true, Starts: null, Expires: null, RedirectTo: null, SeatsUsed: 0, Allotments: 0, Version: 1);

    private async Task<long> CountAsync(long license, string? allotment, int delta)
    {
        string row = allotment is null ? TableKey.License(license) : TableKey.Allotment(license, allotment);
        TableEntity counter = (await FindAsync(row))!;
        long version = counter.GetInt64("Version")!.Value + 1;
        counter["Version"] = version;
        if (allotment is null)
        {
            counter["SeatsUsed"] = counter.GetInt64("SeatsUsed") + delta;
        }
        else
        {
            counter["Free"] = counter.GetInt64("Free") - delta;
        }

        await PutAsync(counter);
        return version;
    }

    private async Task MoveSequenceAsync(long next)
    {
        string row = TableKey.Sequence(IdKind.Assignment);
        long current = (await FindAsync(row))?.GetInt64(IdSequence.Next) ?? 1;
        await PutAsync(new TableEntity(Key, row) { [IdSequence.Next] = Math.Max(current, next) });
    }

    /// <summary>Changes between two calls of a verification.</summary>
    private sealed class Interruptions(InMemoryTables storage) : DelegatingHandler(storage)
    {
        private readonly Queue<(string Call, Func<Task> Action)> _due = [];
        private bool _isInterrupted;

        public int Calls { get; private set; }

        public bool AreOver => _due.Count == 0;

        public void Add(string call, Func<Task> action) => _due.Enqueue((call, action));

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Calls++;
            string call = $"{request.Method} {Uri.UnescapeDataString(request.RequestUri!.PathAndQuery)}";
            if (!_isInterrupted && _due.TryPeek(out (string Call, Func<Task> Action) next) && call.Contains(next.Call, StringComparison.Ordinal))
            {
                _isInterrupted = true;
                await _due.Dequeue().Action();
                _isInterrupted = false;
            }

            return await base.SendAsync(request, cancellationToken);
        }
    }
}
