using Licensing.Assignments;
using Licensing.Storage;
using Licensing.Users;
using Microsoft.Extensions.Logging;

namespace Licensing.Commit;

/// <summary>Brings a change through its license's writer, looking the assignment up when the writer asks for it.</summary>
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
    /// <summary>Before a request looks at its assignment once more.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(50);

    /// <summary>Times in a row that storage may refuse a change of rows that it then shows unchanged.</summary>
    private const int MaxFruitlessLooks = 5;

    /// <summary>How the request ended; null when the user has changed, so that it has to be looked up again.</summary>
    /// <exception cref="StorageUnavailableException">Storage did not answer in time; the change may be written or not.</exception>
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
        // Whoever hangs up stops waiting; the transaction carries other callers' changes and goes on.
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

    /// <summary>Reads the assignment; false when the user that was remembered is not whom the request names now.</summary>
    /// <param name="again">What the last look saw did not hold.</param>
    private async Task<bool> LookAsync(PendingChange change, bool again, CancellationToken cancellationToken)
    {
        if (again)
        {
            // Another instance is at the same assignment, or its rows are damaged.
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
    /// Looks at the assignment and, together, at who has the address: a create from memory would not have noticed. Says
    /// that the user has changed only when it is not whom the request names now.
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

    /// <summary>Storage keeps refusing the change that the rows it shows ask for.</summary>
    private InvalidOperationException Damaged(PendingChange change)
    {
        AssignmentRequest request = change.Request;
        LogDamaged(change.UserId, request.LicenseId, request.Platform);
        return new InvalidOperationException("The rows of an assignment contradict each other.");
    }

    /// <summary>
    /// Gives back the id that was taken for an assignment and certainly not written, as soon as the writer has answered:
    /// its caller may have left before.
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
