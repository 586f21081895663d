using Licensing.Assignments;
using Licensing.Storage;
using Licensing.Users;
using Microsoft.Extensions.Logging;

namespace Licensing.Commit;

/// <summary>Passes a change to its license's writer, and reads the assignment when the writer requires it.</summary>
internal sealed partial class Committer(
    LicenseWriters writers,
    AssignmentIds ids,
    KnownAssignments known,
    AssignmentStore assignments,
    UserStore users,
    TimeProvider time,
    Random random,
    ILogger<Committer> logger)
{
    /// <summary>The longest pause before a request reads its assignment again.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(50);

    /// <summary>How often in a row a write may conflict although the rows are read unchanged.</summary>
    private const int MaxFruitlessLooks = 5;

    /// <summary>Returns the result, or null if the user has changed and must be looked up again.</summary>
    /// <exception cref="StorageUnavailableException">Storage did not respond in time. The change may have been written.</exception>
    public async Task<AssignmentOutcome?> CommitAsync(PendingChange change, CancellationToken cancellationToken)
    {
        AssignmentRequest request = change.Request;
        if (request is PutAssignment && known.Get(request.Platform, change.UserId, request.LicenseId) is null)
        {
            change.NewId = await ids.TakeAsync(request.Platform, cancellationToken);
        }

        try
        {
            return await AskWriterAsync(change, cancellationToken);
        }
        finally
        {
            _ = ReturnUnusedIdAsync(change);
        }
    }

    private async Task<AssignmentOutcome?> AskWriterAsync(PendingChange change, CancellationToken cancellationToken)
    {
        // Cancellation ends the wait only: the transaction has other callers' changes too.
        int fruitless = 0;
        WriterReply reply;
        while ((reply = await writers.CommitAsync(change).WaitAsync(cancellationToken)) is WriterReply.LookFirst look)
        {
            var last = (change.Look?.Found, change.Fence, change.NewId);
            bool again = look.Overtaken && change.Look is not null;
            if (!await LookAsync(change, again, cancellationToken))
            {
                return null;
            }

            fruitless = again && last == (change.Look?.Found, change.Fence, change.NewId) ? fruitless + 1 : 0;
            if (fruitless == MaxFruitlessLooks)
            {
                throw Damaged(change);
            }

            change.Renew();
        }

        return ((WriterReply.Settled)reply).Outcome;
    }

    /// <summary>Reads the assignment. Returns false if the cached user is not the one that the request names now.</summary>
    /// <param name="again">Whether a write based on the last read conflicted.</param>
    private async Task<bool> LookAsync(PendingChange change, bool again, CancellationToken cancellationToken)
    {
        if (again)
        {
            // Another instance is writing the same assignment, or its rows are damaged.
            await Task.Delay(LongestPause * random.NextDouble(), time, cancellationToken);
        }

        AssignmentRequest request = change.Request;
        long began = time.GetTimestamp();
        Assignment? remembered = known.Get(request.Platform, change.UserId, request.LicenseId);
        (Assignment? found, bool userChanged, change.Fence) = request is PutAssignment put
            ? await LookAsync(put, change.UserId, change.Named!, cancellationToken)
            : await LookAsync((DeleteAssignment)request, cancellationToken);
        if (userChanged)
        {
            return false;
        }

        change.Look = new Look(began, time.GetTimestamp(), found);
        if (found is not null)
        {
            known.Set(found);
            return true;
        }

        known.Refute(request.Platform, change.UserId, request.LicenseId, remembered);
        if (request is PutAssignment)
        {
            change.NewId ??= await ids.TakeAsync(request.Platform, cancellationToken);
        }

        return true;
    }

    private async Task<AssignmentLook> LookAsync(DeleteAssignment delete, CancellationToken cancellationToken) => new(
        await assignments.FindAsync(delete.Platform, delete.AssignmentId, cancellationToken) is { DeletedBy: null } standing ? standing.Assignment : null,
        UserChanged: false,
        Fence: null);

    /// <summary>
    /// Reads the assignment and, at the same time, the owner of the address, because a create from the cache would miss a
    /// change of owner. Reports a changed user only if the request now names another one.
    /// </summary>
    private async Task<AssignmentLook> LookAsync(PutAssignment put, long userId, NamedUser named, CancellationToken cancellationToken)
    {
        Task<AssignmentLook> looking = assignments.LookAsync(put.Platform, userId, put.LicenseId, cancellationToken);
        Task<User?> byEmail = put.Email is { } email ? users.GetAnewAsync(put.Platform, email, cancellationToken) : Task.FromResult<User?>(null);
        await Task.WhenAll(looking, byEmail);
        AssignmentLook look = await looking;
        bool isNamed = await byEmail == named.ByEmail
            && (!look.UserChanged || put.UserId is null || await users.GetAnewAsync(put.Platform, userId, cancellationToken) == named.ById);
        return look with { UserChanged = !isNamed };
    }

    /// <summary>Every write conflicts, although the rows are read unchanged.</summary>
    private InvalidOperationException Damaged(PendingChange change)
    {
        AssignmentRequest request = change.Request;
        LogDamaged(change.UserId, request.LicenseId, request.Platform);
        return new InvalidOperationException("The rows of an assignment contradict each other.");
    }

    /// <summary>
    /// Returns a new id that was certainly not written, once the writer has replied. The caller may be gone by then.
    /// </summary>
    private async Task ReturnUnusedIdAsync(PendingChange change)
    {
        Task<WriterReply> reply = change.Reply;
        await Task.WhenAny(reply);
        bool isWritten = reply is { IsCompletedSuccessfully: true, Result: WriterReply.Settled { Outcome: AssignmentOutcome.Saved { Assignment.Id: var saved } } }
            && saved == change.NewId;
        bool isKnown = reply.IsCompletedSuccessfully || reply.Exception?.InnerException is StorageUnavailableException;
        if (change is { NewId: { } id, Uncertain: false } && isKnown && !isWritten)
        {
            ids.Return(change.Request.Platform, id);
        }
    }

    [LoggerMessage(1, LogLevel.Error, "The rows of user {UserId}'s assignment of license {LicenseId} contradict each other: run 'license-admin verify {Platform}'.")]
    private partial void LogDamaged(long userId, long licenseId, string platform);
}
