using Assignments.Commit;
using Assignments.Storage;

namespace Assignments;

/// <summary>The three operations of the API on a platform's assignments, and the public check over all platforms.</summary>
public sealed class AssignmentService : IDisposable, IAsyncDisposable
{
    /// <summary>Before a request looks at its assignment once more.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(50);

    private readonly PlatformStore _platforms;
    private readonly LicenseStore _licenses;
    private readonly UserStore _users;
    private readonly AssignmentStore _assignments;
    private readonly TimeProvider _time;
    private readonly AssignmentIds _ids;
    private readonly KnownAssignments _known = new();
    private readonly UnsettledDeletes _unsettled = new();
    private readonly LicenseWriters _writers;

    public AssignmentService(
        Tables tables,
        PlatformStore platforms,
        LicenseStore licenses,
        UserStore users,
        AssignmentStore assignments,
        IdSequence sequence,
        TimeProvider time)
    {
        (_platforms, _licenses, _users, _assignments, _time) = (platforms, licenses, users, assignments, time);
        _ids = new AssignmentIds(sequence);
        _writers = new LicenseWriters(new CommitServices(tables, licenses, _known, time));
    }

    /// <summary>Creates or updates the user's assignment of the license; warm, a creation is one storage call.</summary>
    /// <exception cref="StorageUnavailableException">Storage did not answer in time; the request may be sent again.</exception>
    public async Task<AssignmentOutcome> PutAsync(PutAssignment put, CancellationToken cancellation)
    {
        Task<Platform?> platform = _platforms.GetAsync(put.Platform, cancellation);
        Task<License?> findLicense = _licenses.GetAsync(put.Platform, put.LicenseId, cancellation);
        Task<User?> byId = put.UserId is { } userId ? _users.GetAsync(put.Platform, userId, cancellation) : Task.FromResult<User?>(null);
        Task<User?> byEmail = put.Email is { } email ? _users.GetAsync(put.Platform, email, cancellation) : Task.FromResult<User?>(null);
        await Task.WhenAll(platform, findLicense, byId, byEmail);
        if (await platform is not { Suspended: false })
        {
            return new AssignmentOutcome.PlatformSuspended();
        }

        if (await findLicense is null)
        {
            return new AssignmentOutcome.LicenseNotFound();
        }

        if ((put.UserId is not null && await byId is null) || (put.Email is not null && await byEmail is null))
        {
            return new AssignmentOutcome.UserNotFound();
        }

        User user = (await byId ?? await byEmail)!;
        if (put.Email is not null && (await byEmail)!.Id != user.Id)
        {
            return new AssignmentOutcome.UserMismatch();
        }

        PendingChange change = NewChange(put, user.Id);
        if (_known.Get(put.Platform, user.Id, put.LicenseId) is null)
        {
            change.NewId = await _ids.TakeAsync(put.Platform, cancellation);
        }

        return await CommitAsync(change, cancellation) switch
        {
            ChangeResult.Done done => new AssignmentOutcome.Saved(done.Assignment!, user, done.License) { IsNew = done.Assignment!.Id == change.NewId },
            ChangeResult.Refused refused => new AssignmentOutcome.Refused(refused.Refusal),
            ChangeResult.LicenseNotFound => new AssignmentOutcome.LicenseNotFound(),
            var other => throw new InvalidOperationException($"A put can not end in {other.GetType().Name}."),
        };
    }

    /// <summary>Deletes an assignment and frees its seat; two storage calls.</summary>
    /// <exception cref="StorageUnavailableException">Storage did not answer in time; the request may be sent again.</exception>
    public async Task<AssignmentOutcome> DeleteAsync(DeleteAssignment delete, CancellationToken cancellation)
    {
        Task<Platform?> platform = _platforms.GetAsync(delete.Platform, cancellation);
        long lookedAt = _time.GetTimestamp();
        Task<AssignmentStanding?> find = _assignments.FindAsync(delete.Platform, delete.AssignmentId, cancellation);
        await Task.WhenAll(platform, find);
        if (await platform is not { Suspended: false })
        {
            return new AssignmentOutcome.PlatformSuspended();
        }

        if (await find is not { } found || found.Assignment.LicenseId != delete.LicenseId)
        {
            return new AssignmentOutcome.AssignmentNotFound();
        }

        if (found.DeletedBy is { } deletedBy)
        {
            return OutcomeOfGone(delete, deletedBy);
        }

        PendingChange change = NewChange(delete, found.Assignment.UserId);
        (change.Found, change.LookedAt) = (found.Assignment, lookedAt);
        try
        {
            if (await CommitAsync(change, cancellation) is ChangeResult.Done)
            {
                return new AssignmentOutcome.Deleted();
            }

            // It was there a moment ago: an earlier delivery of this very request may have come first.
            found = await _assignments.FindAsync(delete.Platform, delete.AssignmentId, cancellation);
            return OutcomeOfGone(delete, found?.DeletedBy);
        }
        catch
        {
            // The caller learns nothing for sure, and the transaction may yet go through.
            _unsettled.Add(delete.Platform, delete.AssignmentId, delete.WriteId);
            throw;
        }
    }

    /// <summary>Whether some platform has an active assignment of a valid license for this address.</summary>
    public async Task<bool> CheckAsync(EmailAddress email, CancellationToken cancellation)
    {
        IReadOnlyList<User> users = await _users.FindEverywhereAsync(email, cancellation);
        bool[] found = await Task.WhenAll(users.Select(user => HoldsValidLicenseAsync(user, cancellation)));
        return found.Contains(true);
    }

    /// <summary>
    /// Lets the changes of callers that have left be written too, before the process ends; the deadline of a change
    /// bounds how long that takes.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        await _writers.DrainAsync();
        Dispose();
    }

    public void Dispose()
    {
        _known.Dispose();
        _unsettled.Dispose();
    }

    private async Task<bool> HoldsValidLicenseAsync(User user, CancellationToken cancellation)
    {
        await foreach (Assignment assignment in _assignments.OfUserAsync(user.Platform, user.Id, cancellation))
        {
            if (assignment.State.Active
                && await _licenses.GetAsync(user.Platform, assignment.LicenseId, cancellation) is { } license
                && license.IsValid(_time.GetUtcNow()))
            {
                return true;
            }
        }

        return false;
    }

    private PendingChange NewChange(AssignmentRequest request, long userId)
    {
        long now = _time.GetTimestamp();
        return new PendingChange(request, now, now + (long)(Deadlines.Request.TotalSeconds * _time.TimestampFrequency)) { UserId = userId };
    }

    /// <summary>Has the license's writer commit the change, looking the assignment up when the writer asks for it.</summary>
    private async Task<ChangeResult> CommitAsync(PendingChange change, CancellationToken cancellation)
    {
        while (true)
        {
            // Whoever hangs up stops waiting; the transaction carries other callers' changes and goes on.
            ChangeResult result = await _writers.CommitAsync(change).WaitAsync(cancellation);
            switch (result)
            {
                case ChangeResult.LookFirst:
                    if (change.LookedAt is not null)
                    {
                        // What it saw does not hold: another instance is at the same assignment, or its rows are damaged.
                        await Task.Delay(LongestPause * Random.Shared.NextDouble(), _time, cancellation);
                    }

                    await LookAsync(change, cancellation);
                    change.Renew();
                    continue;
                case ChangeResult.Unavailable unavailable:
                    throw new StorageUnavailableException(unavailable.Why);
                default:
                    ReturnUnusedId(change, result);
                    return result;
            }
        }
    }

    private async Task LookAsync(PendingChange change, CancellationToken cancellation)
    {
        AssignmentRequest request = change.Request;
        change.LookedAt = _time.GetTimestamp();
        change.Found = request is DeleteAssignment delete
            ? await _assignments.FindAsync(request.Platform, delete.AssignmentId, cancellation) is { DeletedBy: null } standing ? standing.Assignment : null
            : await _assignments.FindAsync(request.Platform, change.UserId, request.LicenseId, cancellation);
        if (change.Found is not null)
        {
            _known.Set(change.Found);
        }
        else
        {
            _known.Remove(request.Platform, change.UserId, request.LicenseId);
            if (request is PutAssignment)
            {
                change.NewId ??= await _ids.TakeAsync(request.Platform, cancellation);
            }
        }
    }

    private void ReturnUnusedId(PendingChange change, ChangeResult result)
    {
        bool used = result is ChangeResult.Done { Assignment: { } assignment } && assignment.Id == change.NewId;
        if (change.NewId is { } id && !used && !change.Uncertain)
        {
            _ids.Return(change.Request.Platform, id);
        }
    }

    /// <summary>
    /// The assignment may be gone because this very request, delivered before, deleted it: the Functions host may
    /// deliver a request twice, and a client sends again what was answered 503.
    /// </summary>
    private AssignmentOutcome OutcomeOfGone(DeleteAssignment delete, Guid? deletedBy)
    {
        if (deletedBy is not { } writeId
            || (writeId != delete.WriteId && !_unsettled.Find(delete.Platform, delete.AssignmentId).Contains(writeId)))
        {
            return new AssignmentOutcome.AssignmentNotFound();
        }

        _unsettled.Remove(delete.Platform, delete.AssignmentId);
        return new AssignmentOutcome.Deleted();
    }
}
