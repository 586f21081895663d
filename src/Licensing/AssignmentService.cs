using Licensing.Assignments;
using Licensing.Commit;
using Licensing.Licenses;
using Licensing.Platforms;
using Licensing.Storage;
using Licensing.Users;
using Microsoft.Extensions.Logging;

namespace Licensing;

/// <summary>The three operations of the API on a platform's assignments, and the public check over all platforms.</summary>
public sealed partial class AssignmentService : IAsyncDisposable
{
    /// <summary>Before a request looks at its assignment once more.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(50);

    /// <summary>Times in a row that storage may refuse a change of rows that it then shows unchanged.</summary>
    private const int MaxFruitlessLooks = 5;

    private readonly PlatformStore _platforms;
    private readonly LicenseStore _licenses;
    private readonly UserStore _users;
    private readonly AssignmentStore _assignments;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly AssignmentIds _ids;
    private readonly KnownAssignments _known;
    private readonly Random _random;
    private readonly UnsettledDeletes _unsettled;
    private readonly LicenseWriters _writers;

    /// <summary>The operations over these stores; one for each process, as it holds the writers of its licenses.</summary>
    public AssignmentService(
        Tables tables,
        PlatformStore platforms,
        LicenseStore licenses,
        UserStore users,
        AssignmentStore assignments,
        IdSequence sequence,
        TimeProvider time,
        ILogger<AssignmentService> logger)
        : this(platforms, users, assignments, sequence, new CommitServices(tables, licenses, new KnownAssignments(), time), logger)
    {
    }

    internal AssignmentService(
        PlatformStore platforms, UserStore users, AssignmentStore assignments, IdSequence sequence, CommitServices commit, ILogger logger)
    {
        (_platforms, _users, _assignments, _logger) = (platforms, users, assignments, logger);
        (_licenses, _known, _time, _random) = (commit.Licenses, commit.Known, commit.Time, commit.Random);
        _unsettled = new UnsettledDeletes(commit.Time);
        _ids = new AssignmentIds(sequence);
        _writers = new LicenseWriters(commit);
    }

    /// <summary>Creates or updates the user's assignment of the license; warm, a creation is one storage call.</summary>
    /// <exception cref="StorageUnavailableException">Storage did not answer in time; the request may be sent again.</exception>
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

    /// <summary>Null when the user has changed, so that it has to be looked up again.</summary>
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

        PendingChange change = new(put, deadline) { UserId = user.Id };
        if (_known.Get(put.Platform, user.Id, put.LicenseId) is null)
        {
            change.NewId = await _ids.TakeAsync(put.Platform, cancellationToken);
        }

        return await CommitAsync(change, named, cancellationToken) switch
        {
            ChangeResult.Done done => new AssignmentOutcome.Saved(done.Assignment!, user, done.License) { IsNew = done.Assignment!.Id == change.NewId },
            ChangeResult.Refused refused => new AssignmentOutcome.Refused(refused.Refusal, refused.License),
            ChangeResult.LicenseNotFound => new AssignmentOutcome.LicenseNotFound(),
            ChangeResult.UserChanged => null,
            var other => throw new InvalidOperationException($"A put can not end in {other.GetType().Name}."),
        };
    }

    /// <summary>Whom the request names, as remembered or as it is now.</summary>
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
    /// <exception cref="StorageUnavailableException">Storage did not answer in time; the request may be sent again.</exception>
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
            return OutcomeOfGone(delete, deletedBy);
        }

        Look look = new(began, _time.GetTimestamp(), found.Assignment);
        PendingChange change = new(delete, deadline) { UserId = found.Assignment.UserId, Look = look };
        try
        {
            if (await CommitAsync(change, named: null, cancellationToken) is ChangeResult.Done)
            {
                return new AssignmentOutcome.Deleted();
            }

            // It was there a moment ago: an earlier delivery of this very request may have come first.
            found = await _assignments.FindAsync(delete.Platform, delete.AssignmentId, cancellationToken);
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
    public async Task<bool> CheckAsync(EmailAddress email, CancellationToken cancellationToken)
    {
        IReadOnlyList<User> users = await _users.FindEverywhereAsync(email, cancellationToken);
        bool[] found = await Task.WhenAll(users.Select(user => HoldsValidLicenseAsync(user, cancellationToken)));
        return found.Contains(true);
    }

    /// <summary>
    /// Lets the changes of callers that have left be written too, before the process ends; the deadline of a change
    /// bounds how long that takes.
    /// </summary>
    public ValueTask DisposeAsync() => new(_writers.DrainAsync());

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

    /// <summary>Has the license's writer commit the change, looking the assignment up when the writer asks for it.</summary>
    /// <param name="named">Whom a put names; null for a delete.</param>
    private async Task<ChangeResult> CommitAsync(PendingChange change, NamedUser? named, CancellationToken cancellationToken)
    {
        try
        {
            return await AskWriterAsync(change, named, cancellationToken);
        }
        finally
        {
            _ = ReturnUnusedIdAsync(change);
        }
    }

    private async Task<ChangeResult> AskWriterAsync(PendingChange change, NamedUser? named, CancellationToken cancellationToken)
    {
        int fruitless = 0;
        while (true)
        {
            // Whoever hangs up stops waiting; the transaction carries other callers' changes and goes on.
            switch (await _writers.CommitAsync(change).WaitAsync(cancellationToken))
            {
                case ChangeResult.LookFirst(var overtaken):
                    var last = (change.Look?.Found, change.Fence, change.NewId);
                    bool again = overtaken && change.Look is not null;
                    if (!await LookAsync(change, named, again, cancellationToken))
                    {
                        return new ChangeResult.UserChanged();
                    }

                    fruitless = again && last == (change.Look?.Found, change.Fence, change.NewId) ? fruitless + 1 : 0;
                    if (fruitless == MaxFruitlessLooks)
                    {
                        throw Damaged(change);
                    }

                    change.Renew();
                    break;
                case ChangeResult.Unavailable(var why, var cause):
                    throw new StorageUnavailableException(why, cause);
                case var result:
                    return result;
            }
        }
    }

    /// <summary>Reads the assignment; false when the user that was remembered is not whom the request names now.</summary>
    /// <param name="again">What the last look saw did not hold.</param>
    private async Task<bool> LookAsync(PendingChange change, NamedUser? named, bool again, CancellationToken cancellationToken)
    {
        if (again)
        {
            // Another instance is at the same assignment, or its rows are damaged.
            await Task.Delay(LongestPause * _random.NextDouble(), _time, cancellationToken);
        }

        AssignmentRequest request = change.Request;
        long began = _time.GetTimestamp();
        Assignment? known = _known.Get(request.Platform, change.UserId, request.LicenseId);
        Assignment? found;
        if (request is PutAssignment put)
        {
            (found, bool userChanged, change.Fence) = await LookAsync(put, change.UserId, named!, cancellationToken);
            if (userChanged)
            {
                return false;
            }
        }
        else
        {
            found = await _assignments.FindAsync(request.Platform, ((DeleteAssignment)request).AssignmentId, cancellationToken) is { DeletedBy: null } standing
                ? standing.Assignment
                : null;
        }

        change.Look = new Look(began, _time.GetTimestamp(), found);
        if (found is not null)
        {
            _known.Set(found);
            return true;
        }

        _known.Refute(request.Platform, change.UserId, request.LicenseId, known);
        if (request is PutAssignment)
        {
            change.NewId ??= await _ids.TakeAsync(request.Platform, cancellationToken);
        }

        return true;
    }

    /// <summary>
    /// Looks at the assignment and, together, at who has the address: a create from memory would not have noticed. Says
    /// that the user has changed only when it is not whom the request names now.
    /// </summary>
    private async Task<AssignmentLook> LookAsync(PutAssignment put, long userId, NamedUser named, CancellationToken cancellationToken)
    {
        Task<AssignmentLook> looking = _assignments.LookAsync(put.Platform, userId, put.LicenseId, cancellationToken);
        Task<User?> byEmail = put.Email is { } email ? _users.GetAnewAsync(put.Platform, email, cancellationToken) : Task.FromResult<User?>(null);
        await Task.WhenAll(looking, byEmail);
        AssignmentLook look = await looking;
        bool isNamed = await byEmail == named.ByEmail
            && (!look.UserChanged || put.UserId is null || await _users.GetAnewAsync(put.Platform, userId, cancellationToken) == named.ById);
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
        Task<ChangeResult> reply = change.Reply.Task;
        await ((Task)reply).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        if (reply.IsCompletedSuccessfully
            && change is { NewId: { } id, Uncertain: false }
            && (await reply is not ChangeResult.Done { Assignment: { } assignment } || assignment.Id != id))
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

    [LoggerMessage(1, LogLevel.Error, "The rows of user {UserId}'s assignment of license {LicenseId} contradict each other: run 'license-admin verify {Platform}'.")]
    private partial void LogDamaged(long userId, long licenseId, string platform);

    /// <summary>The user of the id a request names, and of the address; null where it names none, or there is none.</summary>
    private sealed record NamedUser(User? ById, User? ByEmail);
}
