using System.Globalization;
using Azure;
using Azure.Data.Tables;
using Licensing.Assignments;
using Licensing.Storage;

namespace Licensing.Commit;

/// <summary>
/// Writes a license's groups, one after another. If a reply is lost, the history records show whether the transaction
/// succeeded; if it did not, the same transaction is sent again.
/// </summary>
internal sealed class GroupCommit(Tables tables, TimeProvider time, Random random)
{
    /// <summary>History records read concurrently to find out whether a group was written.</summary>
    private const int ReceiptsAtOnce = 16;

    private static readonly TimeSpan FirstBackoff = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestBackoff = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan FirstGathering = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestGathering = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan ShortestGathering = TimeSpan.FromMilliseconds(1);

    /// <summary>The factor by which each throttled transaction lengthens the wait.</summary>
    private const double GatheringGrowth = 1.25;

    /// <summary>The factor by which each successful transaction shortens the wait.</summary>
    private const double GatheringKept = 0.97;

    private TimeSpan _gathering;

    /// <summary>Attempts in a row that conflicted or failed.</summary>
    public int Failures { get; private set; }

    /// <summary>
    /// Waits while storage throttles, so that more requests share the next transaction. More frequent attempts would only
    /// be throttled more.
    /// </summary>
    public Task GatherAsync() => _gathering > ShortestGathering
        ? Task.Delay(_gathering * (0.5 + random.NextDouble()), time)
        : Task.CompletedTask;

    /// <summary>Tries until the result is known or the deadline of the group has passed.</summary>
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
                StorageFaultKind kind = StorageFault.KindOf(failure);
                if (failure is RequestFailedException { Status: 429 or 503 })
                {
                    _gathering = Min(Max(_gathering * GatheringGrowth, FirstGathering), LongestGathering);
                }

                unreachable = kind == StorageFaultKind.Unreachable ? unreachable + 1 : 0;
                result = await AfterAsync(failure, kind, unreachable, group);
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

    /// <summary>Returns the result after a failed attempt, or null to try again.</summary>
    /// <param name="unreachable">Attempts in a row that could not connect to storage.</param>
    private async Task<CommitResult?> AfterAsync(Exception failure, StorageFaultKind kind, int unreachable, ChangeGroup group)
    {
        ChangeGroup.FailedMember? culprit = Culprit(group, failure);
        switch (kind)
        {
            case StorageFaultKind.Denied:
            case StorageFaultKind.Unreachable when unreachable > RetryReads.MaxRetries:
                return new CommitResult.Unreachable(failure);
            case StorageFaultKind.NoReply:
                group.MarkUncertain();
                break;
            case StorageFaultKind.None when failure is RequestFailedException { Status: 404 or 409 or 412 }:
                CommitTelemetry.Conflict();
                break;
            case StorageFaultKind.None:
                return new CommitResult.Rejected(failure, culprit?.Member);
        }

        if (culprit is null)
        {
            await PauseAsync(group, failure, unreachable);
        }

        return await WentThroughAsync(group) switch
        {
            true => new CommitResult.WrittenBefore(),
            false when kind == StorageFaultKind.None => new CommitResult.Overtaken(culprit),
            _ when time.GetTimestamp() >= group.Deadline => new CommitResult.NoReply(failure),
            _ => null,
        };
    }

    /// <summary>
    /// Returns whether an earlier attempt, whose reply was lost, wrote the whole group; null if storage does not respond.
    /// A transaction is atomic, but the record of one member does not prove it for all: it may come from a delayed
    /// transaction that had other members.
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
            // Read the first one alone: usually nothing was written, and then it is missing.
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
    /// Waits for a random, growing time, so that instances do not retry in step, or as long as storage requests. Does not wait
    /// after a first lost reply.
    /// </summary>
    private async Task PauseAsync(ChangeGroup group, Exception failure, int unreachable)
    {
        TimeSpan wait = RetryAfter(failure)
            ?? (unreachable > 0 ? RetryReads.FirstDelay * unreachable
                : Failures <= 1 && StorageFault.KindOf(failure) != StorageFaultKind.None ? TimeSpan.Zero
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

    /// <summary>Returns the member of the failed action, or null if it was a row that counts seats or is unknown.</summary>
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
