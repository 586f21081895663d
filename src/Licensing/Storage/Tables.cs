using Azure.Data.Tables;
using Microsoft.Extensions.Options;

namespace Licensing.Storage;

/// <summary>The four tables; docs/design.md describes their rows.</summary>
public sealed class Tables
{
    /// <summary>Creates clients for the tables with the configured prefix. Connects to nothing.</summary>
    public Tables(TableServiceClient service, IOptions<TablesOptions> options)
    {
        string prefix = options.Value.Prefix;
        Account = service.Uri;
        Assignments = service.GetTableClient($"{prefix}Assignments");
        Directory = service.GetTableClient($"{prefix}Directory");
        ApiKeys = service.GetTableClient($"{prefix}ApiKeys");
        Platforms = service.GetTableClient($"{prefix}Platforms");
    }

    /// <summary>The address of the storage account's table service.</summary>
    public Uri Account { get; }

    internal TableClient Assignments { get; }

    internal TableClient Directory { get; }

    internal TableClient ApiKeys { get; }

    internal TableClient Platforms { get; }

    /// <summary>Creates the tables that are missing.</summary>
    public Task CreateIfMissingAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(new[] { Assignments, Directory, ApiKeys, Platforms }
            .Select(table => table.CreateIfNotExistsAsync(cancellationToken)));
}
