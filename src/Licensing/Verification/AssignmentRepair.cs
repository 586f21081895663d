using Azure.Data.Tables;
using Licensing.Assignments;
using Licensing.Storage;

namespace Licensing.Verification;

/// <summary>Restores an assignment's rows from its history. Each write requires the ETags of the rows that it is based on.</summary>
internal sealed class AssignmentRepair(PlatformRows rows, AssignmentStore assignments)
{
    /// <summary>Reads an assignment's row and its first and last record, again if they change meanwhile.</summary>
    public async Task<Examination> ExamineAsync(AssignmentName name, CancellationToken cancellationToken)
    {
        while (true)
        {
            TableEntity? before = await rows.FindAsync(TableKey.FirstChange(name.Id), cancellationToken);
            AssignmentChange? last = await assignments.HistoryAsync(rows.Platform, name.Id, cancellationToken).LastOrDefaultAsync(cancellationToken);
            TableEntity? row = await rows.FindAsync(TableKey.Assignment(name.UserId, name.LicenseId), cancellationToken);
            TableEntity? first = await rows.FindAsync(TableKey.FirstChange(name.Id), cancellationToken);
            if (before?.ETag != first?.ETag)
            {
                continue;
            }

            // The user may have been assigned the license again, under another id.
            bool another = row is not null && AssignmentRows.ToAssignment(rows.Platform, row).Id != name.Id;
            // And a row may claim the id of an assignment of another user or license.
            return (last?.UserId, last?.LicenseId) == (name.UserId, name.LicenseId)
                ? new Examination(rows.Platform, last, first, another && last?.After is null ? null : row)
                : new Examination(rows.Platform, Last: null, First: null, another ? null : row);
        }
    }

    public async Task<string?> RestoreAsync(AssignmentName name, CancellationToken cancellationToken)
    {
        while (true)
        {
            Examination found = await ExamineAsync(name, cancellationToken);
            AssignmentChange? last = found.Last;
            TableEntity? first = found.First;
            if (found.IsAsItShould || last is null || first is null)
            {
                return null;
            }

            List<TableTransactionAction> actions =
                [new TableTransactionAction(TableTransactionActionType.UpdateReplace, AssignmentRows.WithStanding(first, last), first.ETag)];
            if (RowAction(found.Row, last.Assignment) is { } action)
            {
                actions.Insert(0, action);
            }

            if (await rows.TrySubmitAsync(actions, cancellationToken))
            {
                return last.After is null
                    ? $"Removed assignment {name.Id}, which its history says was deleted."
                    : $"Restored assignment {name.Id} from its history, version {last.Version}.";
            }
        }
    }

    /// <summary>Returns the action that makes the row match the history, or null if neither has the assignment.</summary>
    private static TableTransactionAction? RowAction(TableEntity? row, Assignment? wanted) => (row, wanted) switch
    {
        (null, null) => null,
        (null, { }) => new TableTransactionAction(TableTransactionActionType.Add, AssignmentRows.ToEntity(wanted)),
        ({ }, null) => new TableTransactionAction(TableTransactionActionType.Delete, row, row.ETag),
        ({ }, { }) => new TableTransactionAction(
            TableTransactionActionType.UpdateReplace,
            AssignmentRows.IsMarked(row) ? AssignmentRows.Marked(wanted) : AssignmentRows.ToEntity(wanted),
            row.ETag),
    };
}
