using Azure.Data.Tables;
using Licensing.Storage;

namespace Licensing.Verification;

/// <summary>Checks whether the next assignment id is unused.</summary>
internal sealed class SequenceCheck(PlatformRows rows, Findings findings)
{
    private static readonly string Row = TableKey.Sequence(IdKind.Assignment);

    /// <param name="lastId">The highest assignment id in use, or 0.</param>
    /// <param name="cancellationToken">Stops the check.</param>
    public async Task CompareAsync(long lastId, CancellationToken cancellationToken)
    {
        TableEntity? sequence = await rows.FindAsync(Row, cancellationToken);
        long next = sequence?.GetInt64(IdSequence.Next) ?? 1;
        if (next <= lastId)
        {
            findings.Add(
                new Violation(
                    rows.Platform, ViolationCode.SequenceBehind, $"The next assignment id would be {next}, and {lastId} is in use."),
                cancellationToken => RepairAsync(lastId, cancellationToken));
        }
    }

    private async Task<string?> RepairAsync(long lastId, CancellationToken cancellationToken)
    {
        while (true)
        {
            TableEntity? current = await rows.FindAsync(Row, cancellationToken);
            if (current?.GetInt64(IdSequence.Next) > lastId)
            {
                return null;
            }

            TableEntity wanted = new(TableKey.Escape(rows.Platform), Row) { [IdSequence.Next] = lastId + 1 };
            if (await rows.TrySubmitAsync([
                current is null
                    ? new TableTransactionAction(TableTransactionActionType.Add, wanted)
                    : new TableTransactionAction(TableTransactionActionType.UpdateReplace, wanted, current.ETag),
            ], cancellationToken))
            {
                return $"Set the next assignment id to {lastId + 1}.";
            }
        }
    }
}
