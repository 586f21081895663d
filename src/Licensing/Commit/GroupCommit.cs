using System.Globalization;
using Azure;
using Azure.Data.Tables;
using Licensing.Assignments;
using Licensing.Licenses;
using Licensing.Storage;

namespace Licensing.Commit;

/// <summary>
/// Writes a license's groups, one after another. A try whose reply is lost may have gone through: the history records
/// tell, and the same transaction is sent again when they do not.
/// </summary>
internal sealed class GroupCommit(Tables tables, TimeProvider time, Random random)
{
    /// <summary>History records read at once, to see whether a group went through.</summary>
    private const int ReceiptsAtOnce = 16;

    private static readonly TimeSpan FirstBackoff = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestBackoff = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan FirstGathering = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestGathering = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan ShortestGathering = TimeSpan.FromMilliseconds(1);

    /// <summary>What a throttled transaction makes of the wait.</summary>
    private const double GatheringGrowth = 1.25;

    /// <summary>What a transaction that went through leaves of the wait.</summary>
    private const double GatheringKept = 0.97;

    private TimeSpan _gathering;

    /// <summary>Tries in a row that another writer was faster than, or that did not come through.</summary>
    public int Failures { get; private set; }

    /// <summary>
    /// Waits while storage throttles, so that more requests share the next transaction: to try more often would give
    /// storage more to refuse.
    /// </summary>
    public Task GatherAsync() => _gathering > ShortestGathering
        ? Task.Delay(_gathering * (0.5 + random.NextDouble()), time)
        : Task.CompletedTask;

    /// <summary>Tries until it is known how the group ended, or until nobody waits for it any longer.</summary>
    public async Task<CommitResult> WriteAsync(ChangeGroup group)
    {
        List<TableTransactionAction> transaction = group.ToTransaction();
        CommitResult? result = null;
        for (int unreachable = 0; result is null;)
        {
            (result, Exception? failure) = await TryAsync(group, transaction);
            if (failure is not null)
            {
                Failures++;
                StorageTrouble trouble = StorageFault.TroubleOf(failure);
                if (failure is RequestFailedException { Status: 429 or 503 })
                {
                    _gathering = Min(Max(_gathering * GatheringGrowth, FirstGathering), LongestGathering);
                }

                unreachable = trouble == StorageTrouble.Unreachable ? unreachable + 1 : 0;
                result = await AfterAsync(failure, trouble, unreachable, group);
            }
        }

        if (result is CommitResult.Written or CommitResult.WrittenBefore)
        {
            Failures = 0;
            _gathering *= GatheringKept;
        }

        return result;
    }

    private async Task<(CommitResult? Result, Exception? Failure)> TryAsync(ChangeGroup group, List<TableTransactionAction> transaction)
    {
        long asOf = time.GetTimestamp();
        try
        {
            using CancellationTokenSource deadline = new(Until(group.Deadline), time);
            Response<IReadOnlyList<Response>> response =
                await tables.Assignments.SubmitTransactionAsync(transaction, deadline.Token);
            return (new CommitResult.Written(group.SeatMove?.ToSnapshot([.. response.Value.Select(each => each.Headers.ETag)], asOf, time.GetUtcNow())), null);
        }
        catch (Exception failure)
        {
            return (null, failure);
        }
    }

    /// <summary>What a failed try means; null to try again.</summary>
    /// <param name="unreachable">Tries in a row that found storage out of reach.</param>
    private async Task<CommitResult?> AfterAsync(Exception failure, StorageTrouble trouble, int unreachable, ChangeGroup group)
    {
        ChangeGroup.FailedMember? culprit = Culprit(group, failure);
        switch (trouble)
        {
            case StorageTrouble.Denied:
            case StorageTrouble.Unreachable when unreachable > RetryReads.MaxRetries:
                return new CommitResult.Unreachable(failure);
            case StorageTrouble.NoReply:
                group.MarkUncertain();
                break;
            case StorageTrouble.None when failure is RequestFailedException { Status: 404 or 409 or 412 }:
                CommitTelemetry.Conflict();
                break;
            case StorageTrouble.None:
                return new CommitResult.Rejected(failure, culprit?.Member);
        }

        if (culprit is null)
        {
            await PauseAsync(group, failure, unreachable);
        }

        return await WentThroughAsync(group) switch
        {
            true => new CommitResult.WrittenBefore(),
            false when trouble == StorageTrouble.None => new CommitResult.Overtaken(culprit),
            _ when time.GetTimestamp() >= group.Deadline => new CommitResult.NoReply(failure),
            _ => null,
        };
    }

    /// <summary>
    /// Whether all of the group is in storage by an earlier try, whose reply was lost; null when storage does not say.
    /// All of a transaction is in storage or none, but one member's history record does not tell for all: it may be of
    /// a transaction that storage was late with, and that had other members.
    /// </summary>
    private async Task<bool?> WentThroughAsync(ChangeGroup group)
    {
        if (!group.Members.Exists(member => member.Change.Uncertain))
        {
            return false;
        }

        try
        {
            using CancellationTokenSource deadline = new(Until(group.Deadline), time);
            // The first alone: it is missing when nothing was written, and that is the usual case.
            bool written = await HasReceiptAsync(group.Members[0], deadline.Token);
            foreach (ChangeGroup.Member[] some in group.Members.Skip(1).Chunk(ReceiptsAtOnce))
            {
                written = written && (await Task.WhenAll(some.Select(member => HasReceiptAsync(member, deadline.Token)))).All(has => has);
            }

            return written;
        }
        catch (Exception exception) when (StorageFault.IsTransient(exception))
        {
            return null;
        }
    }

    private async Task<bool> HasReceiptAsync(ChangeGroup.Member member, CancellationToken cancellationToken)
    {
        AssignmentRequest request = member.Change.Request;
        TableEntity? record = await tables.Assignments.FindAsync(
            TableKey.Escape(request.Platform), TableKey.Change(member.AssignmentId, member.Version), cancellationToken);
        return record is not null && AssignmentRows.ToChange(request.Platform, record).WriteId == request.WriteId;
    }

    /// <summary>
    /// A random while that grows, so that instances do not stay in step; none after a first failure that was no lost race.
    /// </summary>
    private async Task PauseAsync(ChangeGroup group, Exception failure, int unreachable)
    {
        TimeSpan wait = RetryAfter(failure)
            ?? (unreachable > 0 ? RetryReads.FirstDelay * unreachable
                : Failures <= 1 && StorageFault.TroubleOf(failure) != StorageTrouble.None ? TimeSpan.Zero
                : Min(FirstBackoff * Math.Pow(2, Math.Min(Failures + 1, 10)), LongestBackoff) * random.NextDouble());
        wait = Min(wait, Until(group.Deadline));
        if (wait > TimeSpan.Zero)
        {
            await Task.Delay(wait, time);
        }
    }

    private TimeSpan Until(long deadline)
    {
        TimeSpan left = time.GetElapsedTime(time.GetTimestamp(), deadline);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    /// <summary>The member whose action failed, or null when it was a row that counts seats or storage named none.</summary>
    private static ChangeGroup.FailedMember? Culprit(ChangeGroup group, Exception failure) =>
        failure is TableTransactionFailedException { FailedTransactionActionIndex: { } index } ? group.FailedAt(index) : null;

    private static TimeSpan? RetryAfter(Exception exception) =>
        exception is RequestFailedException failed
        && failed.GetRawResponse()?.Headers.TryGetValue("Retry-After", out string? value) == true
        && int.TryParse(value, CultureInfo.InvariantCulture, out int seconds)
            ? TimeSpan.FromSeconds(seconds)
            : null;

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;
}

/// <summary>How the writing of a group ended.</summary>
internal abstract record CommitResult
{
    private CommitResult()
    {
    }

    /// <param name="License">What is known of the license now; null when no seat moved.</param>
    public sealed record Written(LicenseSnapshot? License) : CommitResult;

    /// <summary>In storage by a try whose reply was lost.</summary>
    public sealed record WrittenBefore : CommitResult;

    /// <summary>Another writer changed a row first; nothing was written.</summary>
    /// <param name="Culprit">Whose row it was; null when it was one that counts seats.</param>
    public sealed record Overtaken(ChangeGroup.FailedMember? Culprit) : CommitResult;

    /// <summary>Storage took it for wrong, for a reason that nobody planned; nothing was written.</summary>
    /// <param name="Culprit">Whose action it was; null when storage named none.</param>
    public sealed record Rejected(Exception Failure, ChangeGroup.Member? Culprit) : CommitResult;

    /// <summary>Storage cannot be reached or lets nobody in: to wait and try again would not help.</summary>
    public sealed record Unreachable(Exception Failure) : CommitResult;

    /// <summary>Storage did not say until the deadline whether it is written.</summary>
    public sealed record NoReply(Exception Failure) : CommitResult;
}
