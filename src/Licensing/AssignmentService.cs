using Licensing.Assignments;
using Licensing.Commit;
using Licensing.Licenses;
using Licensing.Platforms;
using Licensing.Storage;
using Licensing.Users;

namespace Licensing;

/// <summary>The API's three operations: create or update, delete, and the public check across all platforms.</summary>
public sealed class AssignmentService
{
    private readonly PlatformStore _platforms;
    private readonly LicenseStore _licenses;
    private readonly UserStore _users;
    private readonly AssignmentStore _assignments;
    private readonly Committer _committer;
    private readonly RepeatedDeletes _repeated;
    private readonly TimeProvider _time;

    internal AssignmentService(
        PlatformStore platforms,
        LicenseStore licenses,
        UserStore users,
        AssignmentStore assignments,
        Committer committer,
        RepeatedDeletes repeated,
        TimeProvider time)
    {
        (_platforms, _licenses, _users, _assignments) = (platforms, licenses, users, assignments);
        (_committer, _repeated, _time) = (committer, repeated, time);
    }

    /// <summary>Creates or updates the user's assignment of the license. With warm caches, a create is one storage call.</summary>
    /// <exception cref="StorageUnavailableException">Storage did not respond in time. It is safe to repeat the request.</exception>
    public async Task<AssignmentOutcome> PutAsync(PutAssignment put, CancellationToken cancellationToken)
    {
        long deadline = DeadlineFromNow();
        Task<Platform?> platform = _platforms.GetAsync(put.Platform, cancellationToken);
        Task<LicenseRow?> findLicense = _licenses.GetAsync(put.Platform, put.LicenseId, cancellationToken);
        Task<NamedUser> named = NamedAsync(put, anew: false, cancellationToken);
        await Task.WhenAll(platform, findLicense, named);
        if (await platform is not { Suspended: false })
        {
            return new AssignmentOutcome.PlatformSuspended();
        }

        if (await findLicense is null)
        {
            return new AssignmentOutcome.LicenseNotFound();
        }

        while (true)
        {
            if (await PutAsync(put, await named, deadline, cancellationToken) is { } outcome)
            {
                return outcome;
            }

            named = NamedAsync(put, anew: true, cancellationToken);
        }
    }

    /// <summary>Returns null if the user has changed and must be looked up again.</summary>
    private async Task<AssignmentOutcome?> PutAsync(PutAssignment put, NamedUser named, long deadline, CancellationToken cancellationToken)
    {
        if ((put.UserId is not null && named.ById is null) || (put.Email is not null && named.ByEmail is null))
        {
            return new AssignmentOutcome.UserNotFound();
        }

        User user = (named.ById ?? named.ByEmail)!;
        if (put.Email is not null && named.ByEmail!.Id != user.Id)
        {
            return new AssignmentOutcome.UserMismatch();
        }

        PendingChange change = new(put, deadline) { UserId = user.Id, Named = named };
        return await _committer.CommitAsync(change, cancellationToken);
    }

    /// <summary>Finds the users that the request names, in the cache or, if <paramref name="anew"/> is set, in storage.</summary>
    private async Task<NamedUser> NamedAsync(PutAssignment put, bool anew, CancellationToken cancellationToken)
    {
        Task<User?> byId = put.UserId is not { } id ? Task.FromResult<User?>(null)
            : anew ? _users.GetAnewAsync(put.Platform, id, cancellationToken)
            : _users.GetAsync(put.Platform, id, cancellationToken);
        Task<User?> byEmail = put.Email is not { } email ? Task.FromResult<User?>(null)
            : anew ? _users.GetAnewAsync(put.Platform, email, cancellationToken)
            : _users.GetAsync(put.Platform, email, cancellationToken);
        await Task.WhenAll(byId, byEmail);
        return new NamedUser(await byId, await byEmail);
    }

    /// <summary>Deletes an assignment and frees its seat; two storage calls.</summary>
    /// <exception cref="StorageUnavailableException">Storage did not respond in time. It is safe to repeat the request.</exception>
    public async Task<AssignmentOutcome> DeleteAsync(DeleteAssignment delete, CancellationToken cancellationToken)
    {
        long deadline = DeadlineFromNow();
        long began = _time.GetTimestamp();
        Task<Platform?> platform = _platforms.GetAsync(delete.Platform, cancellationToken);
        Task<AssignmentStanding?> find = _assignments.FindAsync(delete.Platform, delete.AssignmentId, cancellationToken);
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
            return SettleGone(delete, deletedBy);
        }

        Look look = new(began, _time.GetTimestamp(), found.Assignment);
        return await DeleteAsync(delete, new PendingChange(delete, deadline) { UserId = found.Assignment.UserId, Look = look }, cancellationToken);
    }

    private async Task<AssignmentOutcome> DeleteAsync(DeleteAssignment delete, PendingChange change, CancellationToken cancellationToken)
    {
        try
        {
            if (await _committer.CommitAsync(change, cancellationToken) is AssignmentOutcome.Deleted deleted)
            {
                return deleted;
            }

            // It existed a moment ago: an earlier delivery of the same request may have deleted it.
            AssignmentStanding? now = await _assignments.FindAsync(delete.Platform, delete.AssignmentId, cancellationToken);
            return SettleGone(delete, now?.DeletedBy);
        }
        catch
        {
            // The caller does not learn the result, and the transaction may still succeed.
            _repeated.GiveUp(delete);
            throw;
        }
    }

    /// <summary>Returns whether any platform has an active assignment of a valid license for this address.</summary>
    /// <exception cref="StorageUnavailableException">Storage did not respond in time. It is safe to repeat the request.</exception>
    public async Task<bool> CheckAsync(EmailAddress email, CancellationToken cancellationToken)
    {
        IReadOnlyList<User> users = await _users.FindEverywhereAsync(email, cancellationToken);
        bool[] found = await Task.WhenAll(users.Select(user => HoldsValidLicenseAsync(user, cancellationToken)));
        return found.Contains(true);
    }

    private async Task<bool> HoldsValidLicenseAsync(User user, CancellationToken cancellationToken)
    {
        await foreach (Assignment assignment in _assignments.OfUserAsync(user.Platform, user.Id, cancellationToken))
        {
            if (assignment.State.Active
                && await _licenses.GetAsync(user.Platform, assignment.LicenseId, cancellationToken) is { } license
                && license.IsValid(_time.GetUtcNow()))
            {
                return true;
            }
        }

        return false;
    }

    private long DeadlineFromNow() => _time.GetTimestamp() + (long)(Deadlines.Request.TotalSeconds * _time.TimestampFrequency);

    private AssignmentOutcome SettleGone(DeleteAssignment delete, Guid? deletedBy) =>
        _repeated.TrySettle(delete, deletedBy) ? new AssignmentOutcome.Deleted() : new AssignmentOutcome.AssignmentNotFound();
}
