using System.Globalization;
using Azure;
using Azure.Data.Tables;
using Licensing.Storage;
using Microsoft.Extensions.DependencyInjection;
using TestSupport;
using Xunit;

namespace Functions.Tests;

/// <summary>The in-memory tables that other tests use behave as Azurite does.</summary>
public sealed class InMemoryTablesTests(ApiHost host)
{
    [Fact]
    public async Task In_memory_tables_behave_like_Azurite()
    {
        using InMemoryTables memory = new(TimeProvider.System);
        TableServiceClient azurite = host.Server.Services.GetRequiredService<TableServiceClient>();

        List<string> expected = await AnswersAsync(azurite, "AsAzurite");
        List<string> actual = await AnswersAsync(memory.CreateClient(new TableClientOptions()), "AsAzurite");

        Assert.Equal(expected, actual);
    }

    [Fact]
    public async Task Bulk_inserted_entities_are_read_like_added_ones()
    {
        using InMemoryTables memory = new(TimeProvider.System);
        TableServiceClient service = memory.CreateClient(new TableClientOptions());
        TableEntity[] entities =
        [
            new("p", "a") { ["Count"] = 5L, ["Text"] = "it's", ["Id"] = Guid.Empty, ["On"] = true, ["At"] = DateTimeOffset.UnixEpoch },
            new("p", "b") { ["Small"] = 1 },
        ];
        memory.Fill("Filled", entities);
        memory.CreateTable("Added");
        await service.GetTableClient("Added").SubmitTransactionAsync(
            entities.Select(entity => new TableTransactionAction(TableTransactionActionType.Add, entity)), World.Cancellation);

        Assert.Equal(await ReadAsync("Added"), await ReadAsync("Filled"));

        async Task<string[]> ReadAsync(string table) =>
            [.. await service.GetTableClient(table).QueryAsync<TableEntity>(cancellationToken: World.Cancellation).Select(Text).ToListAsync(World.Cancellation)];
    }

    private static async Task<List<string>> AnswersAsync(TableServiceClient service, string name)
    {
        TableClient table = service.GetTableClient(name);
        List<string> answers = [];
        TableEntity first = new("p", "a") { ["Count"] = 5L, ["Text"] = "it's", ["Id"] = Guid.Empty, ["On"] = true, ["At"] = DateTimeOffset.UnixEpoch };
        await NoteAsync(() => table.AddEntityAsync(first));
        await table.CreateIfNotExistsAsync(World.Cancellation);
        await NoteAsync(() => table.AddEntityAsync(first));
        await NoteAsync(() => table.AddEntityAsync(first));
        ETag etag = (await table.GetEntityAsync<TableEntity>("p", "a", cancellationToken: World.Cancellation)).Value.ETag;
        await NoteAsync(() => table.UpdateEntityAsync(new TableEntity("p", "a") { ["Count"] = 6L }, etag, TableUpdateMode.Merge));
        await NoteAsync(() => table.UpdateEntityAsync(new TableEntity("p", "a") { ["Count"] = 7L }, etag, TableUpdateMode.Replace));
        await NoteAsync(() => table.UpdateEntityAsync(new TableEntity("p", "none"), ETag.All));
        await NoteAsync(() => table.DeleteEntityAsync("p", "a", etag));
        await TransactionsAsync(table, etag, NoteAsync);
        await foreach (TableEntity entity in table.QueryAsync("p", "b", World.Cancellation))
        {
            answers.Add(Text(entity));
        }

        await foreach (TableEntity entity in table.QueryAsync<TableEntity>(maxPerPage: 2, cancellationToken: World.Cancellation))
        {
            answers.Add(Text(entity));
        }

        answers.Add($"{(await table.GetEntityIfExistsAsync<TableEntity>("p", "none", cancellationToken: World.Cancellation)).HasValue}");
        return answers;

        async Task NoteAsync(Func<Task> call)
        {
            try
            {
                await call();
                answers.Add("done");
            }
            catch (RequestFailedException failure)
            {
                answers.Add($"{failure.Status} {failure.ErrorCode} {(failure as TableTransactionFailedException)?.FailedTransactionActionIndex}");
            }
        }
    }

    private static async Task TransactionsAsync(TableClient table, ETag stale, Func<Func<Task>, Task> noteAsync)
    {
        await noteAsync(() => table.SubmitTransactionAsync(
        [
            new(TableTransactionActionType.Add, new TableEntity("p", "b") { ["Count"] = 1L }),
            new(TableTransactionActionType.UpdateReplace, new TableEntity("p", "a") { ["Text"] = "new" }, ETag.All),
            new(TableTransactionActionType.Add, new TableEntity("p", "c")),
        ]));
        await noteAsync(() => table.SubmitTransactionAsync(
        [
            new(TableTransactionActionType.Delete, new TableEntity("p", "b"), ETag.All),
            new(TableTransactionActionType.Add, new TableEntity("p", "c")),
        ]));
        await noteAsync(() => table.SubmitTransactionAsync(
        [
            new(TableTransactionActionType.UpdateMerge, new TableEntity("p", "a") { ["Count"] = 2L }, stale),
            new(TableTransactionActionType.Add, new TableEntity("p", "d")),
        ]));
        await noteAsync(() => table.SubmitTransactionAsync([new(TableTransactionActionType.Delete, new TableEntity("p", "none"), ETag.All)]));
    }

    private static string Text(TableEntity entity) => string.Join(' ', entity
        .Where(property => property.Key is not ("odata.etag" or "Timestamp"))
        .OrderBy(property => property.Key, StringComparer.Ordinal)
        .Select(property => string.Create(CultureInfo.InvariantCulture, $"{property.Key}={property.Value}")));
}
