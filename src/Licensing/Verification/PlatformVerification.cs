using System.Runtime.CompilerServices;
using Azure;
using Azure.Data.Tables;
using Licensing.Assignments;
using Licensing.Licenses;
using Licensing.Storage;
using Licensing.Users;

namespace Licensing.Verification;

/// <summary>One verification of one platform.</summary>
/// <remarks>
/// Requests may be served meanwhile. A license's seats are compared as of the versions that its row and its allotments
/// had when they were read, together: the history says exactly what they were then. Rows that seem to disagree may have been read on either side of a
/// change, so they are read again, together, before they count as a violation.
/// </remarks>
internal sealed class PlatformVerification(
    Tables tables,
    LicenseStore licenses,
    UserStore users,
    PlatformRepair mend,
    TimeProvider time,
    string platform,
    IProgress<VerificationProgress>? progress)
{
    /// <summary>A page of storage.</summary>
    private const int ProgressEvery = 1_000;

    /// <summary>A user is written in two steps; well beyond what the second may take.</summary>
    private static readonly TimeSpan UserSettles = TimeSpan.FromSeconds(12);

    private readonly string _partition = TableKey.Escape(platform);
    /// <summary>Well beyond the minute for which instances remember users.</summary>
    private static readonly TimeSpan FencesServe = TimeSpan.FromHours(1);

    private readonly Dictionary<long, LicenseCount> _licenses = [];
    private readonly Pairing _rowsAndHistories = new();
    private readonly Pairing _userRows = new();
    private readonly HashSet<long> _brokenHistories = [];

    /// <summary>Licenses of whose history something is lost: what it adds up to tells nothing of their seats.</summary>
    private readonly HashSet<long> _uncountable = [];
    private readonly HashSet<AssignmentName> _suspects = [];
    private readonly List<Violation> _violations = [];
    private long _users;
    private long _assignments;
    private long _active;
    private long _changes;
    private long _lastId;
    private long _rows;
    private bool _hasOldFences;

    private DateTimeOffset OldFences => time.GetUtcNow() - FencesServe;

    /// <summary>What would mend the violations found; each tells what it did, or null when there was nothing left to do.</summary>
    public List<Func<CancellationToken, Task<string?>>> Repairs { get; } = [];

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await ReadLicensesAsync(cancellationToken);
        await ReadHistoryAsync(cancellationToken);
        await ReadAssignmentsAsync(cancellationToken);
        await CompareSuspectsAsync(cancellationToken);
        await CompareSequenceAsync(cancellationToken);
        CompareSeats();
        await CompareDirectoryAsync(cancellationToken);
    }

    public VerificationReport Report(IReadOnlyList<string> repairs) =>
        new(platform, _licenses.Count, _users, _assignments, _active, _changes, _violations, repairs);

    /// <summary>First of all: the records of every change up to the versions read here are in storage already.</summary>
    private async Task ReadLicensesAsync(CancellationToken cancellationToken)
    {
        IAsyncEnumerable<TableEntity> rows = ReadAsync(tables.Assignments, RowPrefix.License, "licenses", cancellationToken);
        await foreach ((LicenseRow? row, ETag etag, List<Allotment> allotments) in LicenseRows.WithAllotmentsAsync(platform, rows, cancellationToken))
        {
            if (row is not null)
            {
                // With allotments, by itself: these may have come on another page, later than the license.
                LicenseSnapshot whole = row.Allotments == 0 && allotments.Count == 0
                    ? new LicenseSnapshot(row, etag, [], IsWhole: true, AsOf: 0, UnchangedSince: 0, TermsAsOf: 0)
                    : await licenses.SnapshotAsync(platform, row.Id, cancellationToken);
                _licenses.Add(row.Id, new LicenseCount(whole));
            }
        }
    }

    /// <summary>Replays the history, and holds what it ends with against how each assignment stands by its id.</summary>
    private async Task ReadHistoryAsync(CancellationToken cancellationToken)
    {
        AssignmentStanding? standing = null;
        Change? last = null;
        await foreach (TableEntity entity in ReadAsync(tables.Assignments, RowPrefix.Change, "history", cancellationToken))
        {
            Change change = AssignmentRows.ToChange(platform, entity);
            if (change.AssignmentId != last?.AssignmentId)
            {
                CompareEnd(last, standing);
                (last, standing) = (null, AssignmentRows.ToStanding(platform, entity));
            }

            _changes++;
            Count(change);
            if (!change.FollowsOn(last))
            {
                AddBroken(new AssignmentName(change.AssignmentId, change.UserId, change.LicenseId));
                _uncountable.Add((last ?? change).LicenseId);
            }

            last = change;
        }

        CompareEnd(last, standing);
    }

    private void AddBroken(AssignmentName name)
    {
        _uncountable.Add(name.LicenseId);
        if (_brokenHistories.Add(name.Id))
        {
            _violations.Add(new Violation(
                platform,
                ViolationCode.HistoryBroken,
                $"The history of assignment {name.Id} does not follow on from record to record.",
                name.LicenseId,
                name.Id,
                name.UserId));
        }
    }

    private void CompareEnd(Change? last, AssignmentStanding? standing)
    {
        if (last is null)
        {
            return;
        }

        _lastId = Math.Max(_lastId, last.AssignmentId);
        if (last.Assignment is { } assignment)
        {
            _rowsAndHistories.AddRight(assignment.Id, Content(assignment));
        }

        if (!last.LeavesAs(standing))
        {
            _suspects.Add(new AssignmentName(last.AssignmentId, last.UserId, last.LicenseId));
        }
    }

    private void Count(Change record)
    {
        if (_licenses.TryGetValue(record.LicenseId, out LicenseCount? count) && count.Includes(record.Counter))
        {
            count.Seats += record.SeatDelta;
        }
    }

    private async Task CompareSequenceAsync(CancellationToken cancellationToken)
    {
        TableEntity? sequence = await tables.Assignments.FindAsync(_partition, IdSequence.RowOf(IdKind.Assignment), cancellationToken);
        long next = sequence?.GetInt64(IdSequence.Next) ?? 1;
        if (next <= _lastId)
        {
            Add(new Violation(platform, ViolationCode.SequenceBehind, $"The next assignment id would be {next}, and {_lastId} is in use."), step =>
                mend.SequenceAsync(_lastId, step));
        }
    }

    private void CompareSeats()
    {
        foreach ((long id, LicenseCount count) in _licenses)
        {
            License license = count.Snapshot.Counted;
            long difference = license.SeatsUsed - count.Seats;
            if (difference != 0)
            {
                AddSeats(
                    id,
                    ViolationCode.SeatsUsedWrong,
                    $"License {id} counts {license.SeatsUsed} seats used; its history adds up to {count.Seats}.",
                    step => mend.SeatsAsync(id, difference, step));
            }
            else if (count.Snapshot.Row!.Allotments != count.Snapshot.Allotments.Length)
            {
                AddSeats(
                    id,
                    ViolationCode.AllotmentsWrong,
                    $"License {id} counts {count.Snapshot.Row.Allotments} allotments and has {count.Snapshot.Allotments.Length}.",
                    step => mend.SeatsAsync(id, difference: 0, step));
            }

            if (count.Seats > license.Seats)
            {
                _violations.Add(new Violation(
                    platform, ViolationCode.SeatsExceeded, $"License {id} has {license.Seats} seats, and {count.Seats} are used.", LicenseId: id));
            }
        }
    }

    /// <summary>What a license counts is mended from its history, unless something of that is lost.</summary>
    private void AddSeats(long licenseId, string code, string detail, Func<CancellationToken, Task<string?>> repair)
    {
        Violation violation = new(platform, code, detail, LicenseId: licenseId);
        if (_uncountable.Contains(licenseId))
        {
            _violations.Add(violation);
        }
        else
        {
            Add(violation, repair);
        }
    }

    /// <summary>Goes through assignments beside the users: both are in order of user id.</summary>
    private async Task ReadAssignmentsAsync(CancellationToken cancellationToken)
    {
        await using IAsyncEnumerator<TableEntity> userRows =
            ReadAsync(tables.Assignments, RowPrefix.User, "users", cancellationToken).GetAsyncEnumerator(cancellationToken);
        User? user = await NextUserAsync(userRows);
        await foreach (TableEntity entity in ReadAsync(tables.Assignments, RowPrefix.Assignment, "assignments", cancellationToken))
        {
            if (AssignmentRows.IsFence(entity))
            {
                _hasOldFences |= entity.Timestamp < OldFences;
                continue;
            }

            Assignment assignment = AssignmentRows.ToAssignment(platform, entity);
            _assignments++;
            _active += assignment.State.Seats;
            _rowsAndHistories.AddLeft(assignment.Id, Content(assignment));
            while (user?.Id < assignment.UserId)
            {
                user = await NextUserAsync(userRows);
            }

            if (user?.Id != assignment.UserId && await users.FindAsync(platform, assignment.UserId, cancellationToken) is null
                && await IsThereAsync(assignment, cancellationToken))
            {
                _violations.Add(new Violation(
                    platform,
                    ViolationCode.UserMissing,
                    $"Assignment {assignment.Id} is of user {assignment.UserId}, who does not exist.",
                    assignment.LicenseId,
                    assignment.Id,
                    assignment.UserId));
            }

            if (!_licenses.ContainsKey(assignment.LicenseId)
                && await tables.Assignments.FindAsync(_partition, TableKey.License(assignment.LicenseId), cancellationToken) is null)
            {
                _violations.Add(new Violation(
                    platform,
                    ViolationCode.LicenseMissing,
                    $"Assignment {assignment.Id} is of license {assignment.LicenseId}, which does not exist.",
                    assignment.LicenseId,
                    assignment.Id,
                    assignment.UserId));
            }
        }

        while (user is not null)
        {
            user = await NextUserAsync(userRows);
        }

        if (_hasOldFences)
        {
            Repairs.Add(step => mend.FencesAsync(OldFences, step));
        }
    }

    private async Task<bool> IsThereAsync(Assignment assignment, CancellationToken cancellationToken) =>
        await tables.Assignments.FindAsync(_partition, TableKey.Assignment(assignment.UserId, assignment.LicenseId), cancellationToken) is not null;

    private async Task<User?> NextUserAsync(IAsyncEnumerator<TableEntity> rows)
    {
        if (!await rows.MoveNextAsync())
        {
            return null;
        }

        User user = UserStore.FromEntity(platform, rows.Current);
        _users++;
        if (user.Email is not null)
        {
            _userRows.AddLeft(user.Id, Content(user));
        }
        else if (rows.Current.GetString("Email") is not null)
        {
            _violations.Add(new Violation(
                platform,
                ViolationCode.AddressInvalid,
                $"What is stored as the e-mail address of user {user.Id} is not an e-mail address: give the user one with 'user update'.",
                UserId: user.Id));
        }

        return user;
    }

    /// <summary>Looks once more, at each by itself, at the assignments whose row and history may disagree.</summary>
    private async Task CompareSuspectsAsync(CancellationToken cancellationToken)
    {
        if (!_rowsAndHistories.AllPaired)
        {
            await foreach (TableEntity entity in ReadAsync(tables.Assignments, RowPrefix.Assignment, "assignments that may differ", cancellationToken))
            {
                if (!AssignmentRows.IsFence(entity))
                {
                    Assignment assignment = AssignmentRows.ToAssignment(platform, entity);
                    Suspect(assignment.Id, assignment.UserId, assignment.LicenseId);
                }
            }

            await foreach (TableEntity entity in ReadAsync(tables.Assignments, RowPrefix.Change, "history that may differ", cancellationToken))
            {
                Change change = AssignmentRows.ToChange(platform, entity);
                Suspect(change.AssignmentId, change.UserId, change.LicenseId);
            }

            void Suspect(long id, long userId, long licenseId)
            {
                if (_rowsAndHistories.IsSuspect(id))
                {
                    _suspects.Add(new AssignmentName(id, userId, licenseId));
                }
            }
        }

        ILookup<(long UserId, long LicenseId), AssignmentName> claims = _suspects.ToLookup(name => (name.UserId, name.LicenseId));
        foreach (AssignmentName name in _suspects)
        {
            switch (await mend.ExamineAsync(name, cancellationToken))
            {
                case { IsAsItShould: true }:
                    break;
                case { Last: null }:
                    _uncountable.Add(name.LicenseId);
                    // An id is in use, unless its row only claims it and is to be restored to another.
                    _lastId = claims[(name.UserId, name.LicenseId)].Count() == 1 ? Math.Max(_lastId, name.Id) : _lastId;
                    _violations.Add(new Violation(
                        platform, ViolationCode.HistoryMissing, $"Assignment {name.Id} has no history.", name.LicenseId, name.Id, name.UserId));
                    break;
                case { HasLostItsFirstRecord: true } or { HasLostItsLastRecord: true }:
                    AddBroken(name);
                    break;
                default:
                    Add(
                        new Violation(
                            platform,
                            ViolationCode.AssignmentDiffersFromHistory,
                            $"What is stored of assignment {name.Id} is not what its history ends with.",
                            name.LicenseId,
                            name.Id,
                            name.UserId),
                        step => mend.AssignmentAsync(name, step));
                    break;
            }
        }
    }

    private async Task CompareDirectoryAsync(CancellationToken cancellationToken)
    {
        // Every user of a suspect bucket, as either table has it.
        HashSet<User> suspects = [];
        await foreach (DirectoryEntry entry in DirectoryAsync(cancellationToken))
        {
            if (entry.User.Email is not { } address)
            {
                AddMisplaced(entry);
                continue;
            }

            _userRows.AddRight(entry.User.Id, Content(entry.User));
            if (entry.Key != address.DirectoryKey)
            {
                AddMisplaced(entry);
            }
            else if (entry.State != EntryState.Settled)
            {
                suspects.Add(entry.User);
                Repairs.Add(step => mend.UnsettledAsync(entry.User.Id, address, step));
            }
        }

        if (_userRows.AllPaired && suspects.Count == 0)
        {
            return;
        }

        await foreach (TableEntity entity in ReadAsync(tables.Assignments, RowPrefix.User, "users that may differ", cancellationToken))
        {
            User user = UserStore.FromEntity(platform, entity);
            if (user.Email is not null && _userRows.IsSuspect(user.Id))
            {
                suspects.Add(user);
            }
        }

        await foreach (DirectoryEntry entry in DirectoryAsync(cancellationToken))
        {
            if (entry.User.Email is not null && _userRows.IsSuspect(entry.User.Id))
            {
                suspects.Add(entry.User);
            }
        }

        List<User> differing = await DifferingAsync(suspects, cancellationToken);
        if (differing.Count > 0)
        {
            await Task.Delay(UserSettles, time, cancellationToken);
        }

        foreach (User user in await DifferingAsync(differing, cancellationToken))
        {
            Add(
                new Violation(
                    platform,
                    ViolationCode.DirectoryDiffers,
                    $"User {user.Id} and the directory's row of the same address do not agree.",
                    UserId: user.Id),
                step => mend.UserAsync(user.Id, user.Email!, step));
        }
    }

    private void AddMisplaced(DirectoryEntry entry) => Add(
        new Violation(
            platform,
            ViolationCode.DirectoryDiffers,
            $"A row of the directory for user {entry.User.Id} is not where its e-mail address is looked up.",
            UserId: entry.User.Id),
        step => mend.MisplacedAsync(entry, step));

    private async Task<List<User>> DifferingAsync(IReadOnlyCollection<User> suspects, CancellationToken cancellationToken)
    {
        List<User> differing = [];
        foreach (User user in suspects)
        {
            User? byId = await users.FindAsync(platform, user.Id, cancellationToken);
            User? byEmail = (await users.Directory.FindAsync(platform, user.Email!, cancellationToken))?.User;
            bool idAgrees = byId?.Email is null || byId.Email != user.Email || (byEmail is not null && Content(byEmail) == Content(byId) && byEmail.Id == byId.Id);
            bool emailAgrees = byEmail is null || (byEmail.Id != user.Id ? byId?.Email != user.Email : byId is not null && Content(byEmail) == Content(byId));
            if (!idAgrees || !emailAgrees)
            {
                differing.Add(user);
            }
        }

        return differing;
    }

    /// <summary>The platform's rows of the directory: a scan of that table, which the server filters.</summary>
    private async IAsyncEnumerable<DirectoryEntry> DirectoryAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (DirectoryEntry entry in users.Directory.OfPlatformAsync(platform, userId: null, cancellationToken))
        {
            Tell("directory");
            yield return entry;
        }
    }

    private async IAsyncEnumerable<TableEntity> ReadAsync(
        TableClient table, string rowPrefix, string reading, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (TableEntity entity in table.QueryAsync(_partition, rowPrefix, cancellationToken))
        {
            Tell(reading);
            yield return entity;
        }
    }

    private void Tell(string reading)
    {
        if (++_rows % ProgressEvery == 0)
        {
            progress?.Report(new VerificationProgress(platform, reading, _rows));
        }
    }

    private void Add(Violation violation, Func<CancellationToken, Task<string?>> repair)
    {
        _violations.Add(violation);
        Repairs.Add(repair);
    }

    private static string Content(Assignment assignment) =>
        $"{assignment.UserId}\n{assignment.LicenseId}\n{assignment.Version}\n{assignment.State}";

    private static string Content(User user) => $"{user.Username}\n{user.Email?.Text}";

    private sealed class LicenseCount(LicenseSnapshot snapshot)
    {
        private readonly Dictionary<string, long> _allotments =
            snapshot.Allotments.ToDictionary(allotment => allotment.Name, allotment => allotment.Version);

        public LicenseSnapshot Snapshot { get; } = snapshot;

        /// <summary>What the history adds up to until the versions that the rows had.</summary>
        public long Seats { get; set; }

        /// <summary>Whether the rows count what was counted with this version. An allotment that is not there was folded, or taken since.</summary>
        public bool Includes(CounterVersion? counter) =>
            counter is not null && (counter.Allotment is null ? counter.Version <= Snapshot.Row!.Version
                : _allotments.TryGetValue(counter.Allotment, out long version) ? counter.Version <= version
                : Allotment.LicenseVersionIn(counter.Allotment) <= Snapshot.Row!.Version);
    }
}

internal readonly record struct AssignmentName(long Id, long UserId, long LicenseId);
