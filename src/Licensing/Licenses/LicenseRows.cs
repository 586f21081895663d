using System.Runtime.CompilerServices;
using Azure;
using Azure.Data.Tables;
using Licensing.Storage;

namespace Licensing.Licenses;

/// <summary>Converts licenses and allotments to and from table entities.</summary>
internal static class LicenseRows
{
    private const string Free = "Free";
    private const string Touched = "Touched";

    /// <summary>The properties to merge into the license row when seats move.</summary>
    public static TableEntity SeatsEntity(LicenseRow row) => new(TableKey.Escape(row.Platform), TableKey.License(row.Id))
    {
        [nameof(LicenseRow.SeatsUsed)] = row.SeatsUsed,
        [nameof(LicenseRow.Version)] = row.Version,
    };

    /// <summary>The properties to merge into the license row when the number of allotments changes too.</summary>
    public static TableEntity SeatsAndAllotmentsEntity(LicenseRow row)
    {
        TableEntity entity = SeatsEntity(row);
        entity[nameof(LicenseRow.Allotments)] = (long)row.Allotments;
        return entity;
    }

    public static TableEntity ToEntity(LicenseRow row)
    {
        TableEntity entity = new(TableKey.Escape(row.Platform), TableKey.License(row.Id))
        {
            [nameof(LicenseRow.Name)] = row.Name,
            [nameof(LicenseRow.Seats)] = row.Seats,
            [nameof(LicenseRow.Active)] = row.Active,
            [nameof(LicenseRow.Starts)] = row.Starts,
            [nameof(LicenseRow.Expires)] = row.Expires,
            [nameof(LicenseRow.RedirectTo)] = row.RedirectTo?.OriginalString,
            [nameof(LicenseRow.SeatsUsed)] = row.SeatsUsed,
            [nameof(LicenseRow.Version)] = row.Version,
        };
        if (row.Allotments > 0)
        {
            entity[nameof(LicenseRow.Allotments)] = (long)row.Allotments;
        }

        if (row.RepairVersion > 0)
        {
            entity[nameof(LicenseRow.RepairVersion)] = row.RepairVersion;
        }

        return entity;
    }

    public static LicenseRow ToRow(string platform, TableEntity entity) => new(
        platform,
        TableKey.LicenseIn(entity.RowKey).Id,
        entity.GetString(nameof(LicenseRow.Name)),
        entity.GetInt64(nameof(LicenseRow.Seats)),
        entity.GetBoolean(nameof(LicenseRow.Active)) ?? true,
        entity.GetDateTimeOffset(nameof(LicenseRow.Starts)),
        entity.GetDateTimeOffset(nameof(LicenseRow.Expires)),
        entity.GetString(nameof(LicenseRow.RedirectTo)) is { } uri ? new Uri(uri) : null,
        entity.GetInt64(nameof(LicenseRow.SeatsUsed)) ?? 0,
        (int)(entity.GetInt64(nameof(LicenseRow.Allotments)) ?? 0),
        entity.GetInt64(nameof(LicenseRow.Version)) ?? 0,
        entity.GetInt64(nameof(LicenseRow.RepairVersion)) ?? 0);

    /// <summary>All properties except the one that <see cref="TouchEntity(LicenseRow, Allotment)"/> sets, to insert or to merge.</summary>
    public static TableEntity ToEntity(LicenseRow license, Allotment allotment) =>
        new(TableKey.Escape(license.Platform), TableKey.Allotment(license.Id, allotment.Name))
        {
            [Free] = allotment.Free,
            [nameof(Allotment.Version)] = allotment.Version,
        };

    /// <summary>Merged into an allotment, changes only its ETag, so that its next user must read the license.</summary>
    public static TableEntity TouchEntity(LicenseRow license, Allotment allotment) =>
        new(TableKey.Escape(license.Platform), TableKey.Allotment(license.Id, allotment.Name)) { [Touched] = license.Version };

    /// <summary>Merged into a license row, changes only its ETag.</summary>
    public static TableEntity TouchEntity(LicenseRow license) =>
        new(TableKey.Escape(license.Platform), TableKey.License(license.Id)) { [Touched] = license.Version };

    public static Allotment ToAllotment(TableEntity entity) => new(
        TableKey.LicenseIn(entity.RowKey).Allotment!,
        entity.GetInt64(Free) ?? 0,
        entity.GetInt64(nameof(Allotment.Version)) ?? 0,
        entity.ETag,
        entity.Timestamp ?? default);

    /// <summary>Groups each license row with its allotments, which sort after it.</summary>
    public static async IAsyncEnumerable<(LicenseRow? Row, ETag ETag, List<Allotment> Allotments)> WithAllotmentsAsync(
        string platform, IAsyncEnumerable<TableEntity> entities, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        (LicenseRow? Row, ETag ETag, List<Allotment> Allotments)? current = null;
        await foreach (TableEntity entity in entities.WithCancellation(cancellationToken))
        {
            if (TableKey.LicenseIn(entity.RowKey).Allotment is not null)
            {
                current ??= (null, default, []);
                current.Value.Allotments.Add(ToAllotment(entity));
                continue;
            }

            if (current is not null)
            {
                yield return current.Value;
            }

            current = (ToRow(platform, entity), entity.ETag, []);
        }

        if (current is not null)
        {
            yield return current.Value;
        }
    }
}
