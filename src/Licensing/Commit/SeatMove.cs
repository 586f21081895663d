using System.Collections.Immutable;
using Azure;
using Azure.Data.Tables;
using Licensing.Licenses;

namespace Licensing.Commit;

/// <summary>The rows that count a license's seats after a group.</summary>
/// <param name="Allotment">The allotment that is written, or null.</param>
internal sealed record SeatMove(SeatPlan Plan, LicenseRow Row, Allotment? Allotment)
{
    /// <summary>The license with its seats used, or null if this instance does not know all allotments.</summary>
    public License? Counted => Plan.Snapshot.IsWhole ? Row.Counted(Allotments.Sum(allotment => allotment.Free)) : null;

    /// <summary>The known allotments after the group.</summary>
    private ImmutableArray<Allotment> Allotments
    {
        get
        {
            ImmutableArray<Allotment> rest = Plan.Snapshot.Allotments.RemoveRange(Plan.Folded);
            return Allotment is null
                ? rest
                : rest.RemoveAll(other => other.Name == Allotment.Name).Add(Allotment).Sort((one, other) => string.CompareOrdinal(one.Name, other.Name));
        }
    }

    /// <summary>Returns the actions for these rows; each requires the ETag that the plan is based on.</summary>
    public IEnumerable<TableTransactionAction> ToActions()
    {
        if (Plan.Counter is not null)
        {
            yield return new TableTransactionAction(
                TableTransactionActionType.UpdateMerge, LicenseRows.ToEntity(Row, Allotment!), Plan.Counter.ETag);
            yield break;
        }

        yield return new TableTransactionAction(
            TableTransactionActionType.UpdateMerge,
            Plan.Rows == 1 ? LicenseRows.SeatsEntity(Row) : LicenseRows.SeatsAndAllotmentsEntity(Row),
            Plan.Snapshot.ETag);
        if (Allotment is not null)
        {
            yield return Plan.TakesAllotment
                ? new TableTransactionAction(TableTransactionActionType.Add, LicenseRows.ToEntity(Row, Allotment))
                : new TableTransactionAction(TableTransactionActionType.UpdateMerge, LicenseRows.ToEntity(Row, Allotment), Allotment.ETag);
        }

        foreach (Allotment folded in Plan.Folded)
        {
            yield return new TableTransactionAction(TableTransactionActionType.Delete, LicenseRows.ToEntity(Row, folded), folded.ETag);
        }
    }

    /// <summary>Returns the license after the transaction, or null if the response lacks an ETag.</summary>
    /// <param name="etags">The ETags of the transaction's rows, in order.</param>
    /// <param name="asOf">When the transaction was sent; a timestamp of <see cref="TimeProvider"/>.</param>
    /// <param name="now">When it was written.</param>
    public LicenseSnapshot? ToSnapshot(IReadOnlyList<ETag?> etags, long asOf, DateTimeOffset now)
    {
        LicenseSnapshot before = Plan.Snapshot;
        int written = Plan.Rows - Plan.Folded.Length;
        if (etags.Take(written).Any(etag => etag is null))
        {
            return null;
        }

        SeatMove stored = Allotment is null ? this : this with { Allotment = Allotment with { ETag = etags[written - 1]!.Value, Written = now } };
        LicenseSnapshot after = before with { Row = Row, Allotments = stored.Allotments, TermsAsOf = asOf };
        return Plan.Counter is not null
            ? after
            : after with { ETag = etags[0]!.Value, IsWhole = before.IsWhole || Row.Allotments == 0, AsOf = Row.Allotments == 0 ? asOf : before.AsOf };
    }
}
