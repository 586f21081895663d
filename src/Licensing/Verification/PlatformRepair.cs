using Azure;
using Azure.Data.Tables;
using Licensing.Assignments;
using Licensing.Licenses;
using Licensing.Storage;
using Licensing.Users;

namespace Licensing.Verification;

/// <summary>
/// Mends what follows from the rest: assignments and a license's count from the history, the directory and the users from
/// each other. Each write is guarded by the ETag of what it was decided on.
/// </summary>
internal sealed class PlatformRepair(Tables tables, LicenseStore licenses, AssignmentStore assignments, UserStore users, string platform)
{
    private readonly string _partition = TableKey.Escape(platform);

    /// <summary>Reads an assignment's row, its first record and its last until nothing changes in between.</summary>
    public async Task<Examination> ExamineAsync(AssignmentName name, CancellationToken cancellationToken)
    {
        while (true)
        {
            TableEntity? before = await tables.Assignments.FindAsync(_partition, TableKey.FirstChange(name.Id), cancellationToken);
            Change? last = await assignments.HistoryAsync(platform, name.Id, cancellationToken).LastOrDefaultAsync(cancellationToken);
            TableEntity? row = await tables.Assignments.FindAsync(_partition, TableKey.Assignment(name.UserId, name.LicenseId), cancellationToken);
            TableEntity? first = await tables.Assignments.FindAsync(_partition, TableKey.FirstChange(name.Id), cancellationToken);
            if (before?.ETag != first?.ETag)
            {
                continue;
            }

            // The user may have been given the license anew, under another id.
            bool another = row is not null && AssignmentRows.ToAssignment(platform, row).Id != name.Id;
            // And a row may claim the id of an assignment that is another user's, or of another license.
            return (last?.UserId, last?.LicenseId) == (name.UserId, name.LicenseId)
                ? new Examination(platform, last, first, another && last?.After is null ? null : row)
                : new Examination(platform, Last: null, First: null, another ? null : row);
        }
    }

    public async Task<string?> AssignmentAsync(AssignmentName name, CancellationToken cancellationToken)
    {
        while (true)
        {
            Examination found = await ExamineAsync(name, cancellationToken);
            if (found.IsAsItShould || found is not { Last: { } last, First: { } first })
            {
                return null;
            }

            List<TableTransactionAction> actions = [];
            Mend(actions, found.Row, last.Assignment is { } wanted ? AssignmentRows.ToEntity(wanted) : null);
            Mend(actions, first, AssignmentRows.WithStanding(first, last));
            if (await TrySubmitAsync(actions, cancellationToken))
            {
                return last.After is null
                    ? $"Removed assignment {name.Id}, which its history says was deleted."
                    : $"Restored assignment {name.Id} from its history, version {last.Version}.";
            }
        }
    }

    /// <summary>
    /// Sets what the license row counts, and has every instance read it. Seats that are taken or freed meanwhile change
    /// the count and the history alike: the difference stays.
    /// </summary>
    public async Task<string?> SeatsAsync(long licenseId, long difference, CancellationToken cancellationToken)
    {
        while (true)
        {
            LicenseSnapshot current = await licenses.SnapshotAsync(platform, licenseId, cancellationToken);
            if (current.Row is not { } row)
            {
                return null;
            }

            LicenseRow mended = row with
            {
                SeatsUsed = row.SeatsUsed - difference,
                Allotments = current.Allotments.Length,
                Version = row.Version + 1,
            };
            if (await licenses.TryReplaceAsync(mended, current, cancellationToken))
            {
                return $"Set the seats used of license {licenseId} from {current.Counted.SeatsUsed} to {current.Counted.SeatsUsed - difference}.";
            }
        }
    }

    public async Task<string?> SequenceAsync(long lastId, CancellationToken cancellationToken)
    {
        string row = IdSequence.RowOf(IdKind.Assignment);
        while (true)
        {
            TableEntity? current = await tables.Assignments.FindAsync(_partition, row, cancellationToken);
            if (current?.GetInt64(IdSequence.Next) > lastId)
            {
                return null;
            }

            List<TableTransactionAction> actions = [];
            Mend(actions, current, new TableEntity(_partition, row) { [IdSequence.Next] = lastId + 1 });
            if (await TrySubmitAsync(actions, cancellationToken))
            {
                return $"Set the next assignment id to {lastId + 1}.";
            }
        }
    }

    /// <summary>
    /// The user's row is right where there is one; where there is none, it follows from the directory's, unless that is
    /// what a change that broke off has left.
    /// </summary>
    public async Task<string?> UserAsync(long userId, EmailAddress email, CancellationToken cancellationToken)
    {
        User? byId = await users.FindAsync(platform, userId, cancellationToken);
        DirectoryEntry? entry = await users.Directory.FindAsync(platform, email, cancellationToken);
        if (byId is null && entry is { State: EntryState.Settled } && entry.User.Id == userId)
        {
            return await tables.Assignments.TryAddAsync(UserStore.ToEntity(entry.User), cancellationToken)
                ? $"Restored the row of user {userId} from the directory."
                : null;
        }

        if (byId?.Email != email)
        {
            return await users.Directory.FreeAsync(platform, userId, email, cancellationToken)
                ? $"Removed a row of the directory that gave user {userId} an address that is not theirs."
                : null;
        }

        if (entry is not null && entry.User.Id != userId)
        {
            return await users.FindAsync(platform, entry.User.Id, cancellationToken) is { } other && other.Email == email
                ? Shared(userId, other.Id)
                : await users.Directory.FreeAsync(platform, entry.User.Id, email, cancellationToken)
                    && await users.Directory.SettleAsync(byId, email, cancellationToken) ? Restored(userId) : null;
        }

        return await users.Directory.SettleAsync(byId, email, cancellationToken) ? Restored(userId) : null;
    }

    /// <summary>Completes a change of a user that broke off once the user's own row was written.</summary>
    public async Task<string?> UnsettledAsync(long userId, EmailAddress email, CancellationToken cancellationToken) =>
        await users.FindAsync(platform, userId, cancellationToken) is { } user && user.Email == email
        && await users.Directory.FindAsync(platform, email, cancellationToken) is { State: not EntryState.Settled }
        && await users.Directory.SettleAsync(user, email, cancellationToken)
            ? $"Completed the directory's row of user {userId}."
            : null;

    /// <summary>
    /// Moves a row of the directory to where its address is looked up now. One whose address is none any more is
    /// removed: nothing finds it.
    /// </summary>
    public async Task<string?> MisplacedAsync(DirectoryEntry entry, CancellationToken cancellationToken)
    {
        long userId = entry.User.Id;
        string done = $"Removed a row of the directory for user {userId} that nothing looks up.";
        if (entry.User.Email is { } email
            && await users.FindAsync(platform, userId, cancellationToken) is { } user && user.Email == email)
        {
            done = await users.Directory.SettleAsync(user, email, cancellationToken)
                ? $"Moved the directory's row of user {userId} to where its e-mail address is looked up."
                : Shared(userId, (await users.Directory.FindAsync(platform, email, cancellationToken))?.User.Id);
        }

        try
        {
            await tables.Directory.DeleteEntityAsync(entry.Key, _partition, entry.ETag, cancellationToken);
            return done;
        }
        catch (RequestFailedException conflict) when (conflict.Status is 404 or 412)
        {
            return null;
        }
    }

    /// <summary>Removes the rows that kept places of assignments for longer than any instance may remember a user.</summary>
    public async Task<string?> FencesAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        int removed = 0;
        await foreach (TableEntity row in tables.Assignments.QueryAsync(_partition, RowPrefix.Assignment, cancellationToken))
        {
            if (AssignmentRows.IsFence(row) && row.Timestamp < before
                && await TrySubmitAsync([new TableTransactionAction(TableTransactionActionType.Delete, row, row.ETag)], cancellationToken))
            {
                removed++;
            }
        }

        return removed == 0 ? null : $"Removed {removed} rows that kept places of assignments after users were removed or moved.";
    }

    private static string Restored(long userId) => $"Restored the directory's row of user {userId}.";

    private static string Shared(long userId, long? otherId) =>
        $"Could not mend user {userId}: user {otherId} has the same address in the directory. Give one of them another.";

    private static void Mend(List<TableTransactionAction> actions, TableEntity? current, TableEntity? wanted)
    {
        if (wanted is null && current is null)
        {
            return;
        }

        actions.Add((current, wanted) switch
        {
            (null, _) => new TableTransactionAction(TableTransactionActionType.Add, wanted),
            (_, null) => new TableTransactionAction(TableTransactionActionType.Delete, current, current.ETag),
            _ => new TableTransactionAction(TableTransactionActionType.UpdateReplace, wanted, current.ETag),
        });
    }

    /// <summary>False when something has changed since it was read.</summary>
    private async Task<bool> TrySubmitAsync(List<TableTransactionAction> actions, CancellationToken cancellationToken)
    {
        try
        {
            await tables.Assignments.SubmitTransactionAsync(actions, cancellationToken);
            return true;
        }
        catch (RequestFailedException conflict) when (conflict.Status is 404 or 409 or 412)
        {
            return false;
        }
    }
}

/// <summary>An assignment's row and the first and last record of its history, read together.</summary>
/// <param name="Row">Null as well when it is of another assignment, made since this one was deleted.</param>
internal sealed record Examination(string Platform, Change? Last, TableEntity? First, TableEntity? Row)
{
    private readonly AssignmentStanding? _standing = First is null ? null : AssignmentRows.ToStanding(Platform, First);

    public bool IsAsItShould =>
        Last?.Assignment == (Row is null ? null : AssignmentRows.ToAssignment(Platform, Row)) && Last?.LeavesAs(_standing) != false;

    /// <summary>It is not there, or says that it is another user's or another license's.</summary>
    public bool HasLostItsFirstRecord =>
        Last is not null && (_standing?.Assignment.UserId, _standing?.Assignment.LicenseId) != (Last.UserId, Last.LicenseId);

    /// <summary>The first record knows of a later change than the last one that is there.</summary>
    public bool HasLostItsLastRecord => _standing?.Assignment.Version > Last?.Version;
}
