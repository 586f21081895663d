using Azure.Data.Tables;
using Licensing.Storage;

namespace Licensing.Licenses;

/// <summary>Converts license history records to and from table entities.</summary>
internal static class LicenseChangeRows
{
    public static TableTransactionAction Add(LicenseChange change)
    {
        TableEntity entity = new(TableKey.Escape(change.Platform), TableKey.LicenseChange(change.LicenseId, change.Version))
        {
            ["At"] = change.At,
            ["By"] = change.By,
        };
        Set(entity, "Before", change.Before);
        Set(entity, "After", change.After);
        return new TableTransactionAction(TableTransactionActionType.Add, entity);
    }

    public static LicenseChange ToChange(string platform, TableEntity entity)
    {
        (long id, long version) = TableKey.IdsIn(entity.RowKey);
        return new LicenseChange(
            platform,
            id,
            version,
            Terms(entity, "Before"),
            Terms(entity, "After"),
            entity.GetDateTimeOffset("At") ?? default,
            entity.GetString("By") ?? "");
    }

    private static void Set(TableEntity entity, string when, LicenseTerms? terms)
    {
        if (terms is not null)
        {
            entity[when + nameof(terms.Name)] = terms.Name;
            entity[when + nameof(terms.Seats)] = terms.Seats;
            entity[when + nameof(terms.Active)] = terms.Active;
            entity[when + nameof(terms.Starts)] = terms.Starts;
            entity[when + nameof(terms.Expires)] = terms.Expires;
            entity[when + nameof(terms.RedirectTo)] = terms.RedirectTo;
        }
    }

    private static LicenseTerms? Terms(TableEntity entity, string when) =>
        entity.GetString(when + nameof(LicenseTerms.Name)) is not { } name ? null : new LicenseTerms(
            name,
            entity.GetInt64(when + nameof(LicenseTerms.Seats)),
            entity.GetBoolean(when + nameof(LicenseTerms.Active)) ?? true,
            entity.GetDateTimeOffset(when + nameof(LicenseTerms.Starts)),
            entity.GetDateTimeOffset(when + nameof(LicenseTerms.Expires)),
            entity.GetString(when + nameof(LicenseTerms.RedirectTo)));
}
