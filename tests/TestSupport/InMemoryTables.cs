using System.Collections.Specialized;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Azure.Core.Pipeline;
using Azure.Data.Tables;

namespace TestSupport;

/// <summary>
/// Table Storage in memory, under the storage client's transport: entities with ETags, queries by key, and entity group
/// transactions, which happen whole or not at all. Each call takes <see cref="Latency"/> of the time it is given.
/// </summary>
public sealed partial class InMemoryTables(TimeProvider time) : HttpMessageHandler
{
    private const int RowsInPage = 1_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, SortedDictionary<(string Partition, string Row), Row>> _tables = [];
    private long _etags;

    public TimeSpan Latency { get; set; }

    /// <summary>Runs before a call reaches storage, with the call's method and path; what it throws fails the call.</summary>
    public Func<string, CancellationToken, Task> BeforeCall { get; set; } = (_, _) => Task.CompletedTask;

    public static Uri Endpoint { get; } = new("http://memory.invalid/");

    public static TableSharedKeyCredential Credential { get; } = new("memory", Convert.ToBase64String([1]));

    /// <summary>A client of these tables, set up as the service's own but for its transport and its time limit.</summary>
    public TableServiceClient CreateClient(TableClientOptions options) => new(Endpoint, Credential, Connect(options));

    /// <summary>Has clients with these options call these tables.</summary>
    public TableClientOptions Connect(TableClientOptions options)
    {
        options.Retry.NetworkTimeout = Timeout.InfiniteTimeSpan;
        options.Transport = new HttpClientTransport(new HttpClient(this, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan });
        return options;
    }

    public void CreateTable(string name)
    {
        lock (_lock)
        {
            _tables.TryAdd(name, new SortedDictionary<(string, string), Row>(Comparer<(string Partition, string Row)>.Create(CompareKeys)));
        }
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        string body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
        await BeforeCall($"{request.Method} {request.RequestUri!.AbsolutePath}", cancellationToken);
        if (Latency > TimeSpan.Zero)
        {
            await Task.Delay(Latency, time, cancellationToken);
        }

        Reply reply;
        lock (_lock)
        {
            reply = request.RequestUri!.AbsolutePath == "/$batch" ? Transaction(body) : One(Call.Of(request, body));
        }

        return reply.ToResponse(request);
    }

    /// <summary>All of the actions or none; what fails names its action's place before the message.</summary>
    private Reply Transaction(string body)
    {
        Call[] calls = [.. Batch.Parse(body)];
        List<(SortedDictionary<(string, string), Row> Table, (string, string) Key, Row? Before)> undo = [];
        List<Reply> replies = [];
        foreach (Call call in calls)
        {
            if (_tables.TryGetValue(call.Table, out SortedDictionary<(string, string), Row>? table))
            {
                undo.Add((table, call.Key, table.GetValueOrDefault(call.Key)));
            }

            Reply reply = One(call);
            if (reply.Status >= HttpStatusCode.BadRequest)
            {
                undo.AsEnumerable().Reverse().ToList().ForEach(each => Put(each.Table, each.Key, each.Before));
                return Batch.Reply([Reply.Failed(reply.Status, reply.Code!, $"{replies.Count}:{reply.Code}")]);
            }

            replies.Add(reply);
        }

        return Batch.Reply(replies);
    }

    private Reply One(Call call)
    {
        if (call.Table == "Tables")
        {
            CreateTable(call.Entity!["TableName"]!.GetValue<string>());
            return new Reply(HttpStatusCode.NoContent);
        }

        if (!_tables.TryGetValue(call.Table, out SortedDictionary<(string, string), Row>? table))
        {
            return Reply.Failed(HttpStatusCode.NotFound, "TableNotFound");
        }

        if (call is { Method: "GET", HasKey: false })
        {
            return Query(table, call.Query);
        }

        Row? row = table.GetValueOrDefault(call.Key);
        return call.Method switch
        {
            "POST" when row is not null => Reply.Failed(HttpStatusCode.Conflict, "EntityAlreadyExists"),
            "GET" or "PUT" or "PATCH" or "DELETE" when row is null && !(call.IfMatch is null && call.Method is "PUT" or "PATCH") =>
                Reply.Failed(HttpStatusCode.NotFound, "ResourceNotFound"),
            "GET" => new Reply(HttpStatusCode.OK, row!.ETag, row.ToJson()),
            _ when call.IfMatch is { } etag && etag != "*" && etag != row?.ETag =>
                Reply.Failed(HttpStatusCode.PreconditionFailed, "UpdateConditionNotSatisfied"),
            "DELETE" => Put(table, call.Key, row: null),
            "PATCH" => Put(table, call.Key, NewRow(Merge(row?.Entity, call.Entity!))),
            _ => Put(table, call.Key, NewRow(call.Entity!)),
        };
    }

    private static Reply Query(SortedDictionary<(string Partition, string Row), Row> table, NameValueCollection query)
    {
        (string Property, string Operator, string Value)[] terms =
            [.. Term().Matches(query["$filter"] ?? "").Select(term => (term.Groups[1].Value, term.Groups[2].Value, term.Groups[3].Value.Replace("''", "'", StringComparison.Ordinal)))];
        int most = int.TryParse(query["$top"], CultureInfo.InvariantCulture, out int top) ? top : RowsInPage;
        (string?, string?) from = (query["NextPartitionKey"], query["NextRowKey"]);
        KeyValuePair<(string Partition, string Row), Row>[] found =
            [.. table.Where(each => (from.Item1 is null || CompareKeys(each.Key, from!) >= 0) && terms.All(term => Holds(each.Value, term))).Take(most + 1)];
        JsonArray rows = [.. found.Take(most).Select(each => each.Value.ToJson())];
        return new Reply(HttpStatusCode.OK, Body: new JsonObject { ["value"] = rows })
        {
            Next = found.Length > most ? found[most].Key : null,
        };
    }

    private static bool Holds(Row row, (string Property, string Operator, string Value) term)
    {
        int order = string.CompareOrdinal(row.Entity[term.Property]?.GetValue<string>(), term.Value);
        return term.Operator switch { "eq" => order == 0, "ge" => order >= 0, "gt" => order > 0, "le" => order <= 0, _ => order < 0 };
    }

    private Row NewRow(JsonObject entity) =>
        new(entity, string.Create(CultureInfo.InvariantCulture, $"W/\"{++_etags}\""), time.GetUtcNow());

    private static JsonObject Merge(JsonObject? before, JsonObject changes)
    {
        JsonObject merged = before?.DeepClone().AsObject() ?? [];
        foreach ((string name, JsonNode? value) in changes)
        {
            merged[name] = value?.DeepClone();
        }

        return merged;
    }

    private static Reply Put(SortedDictionary<(string, string), Row> table, (string, string) key, Row? row)
    {
        if (row is null)
        {
            table.Remove(key);
        }
        else
        {
            table[key] = row;
        }

        return new Reply(HttpStatusCode.NoContent, row?.ETag);
    }

    private static int CompareKeys((string Partition, string Row) x, (string Partition, string Row) y) =>
        string.CompareOrdinal(x.Partition, y.Partition) is not 0 and var order ? order : string.CompareOrdinal(x.Row, y.Row);

    [GeneratedRegex("(\\w+) (eq|ge|gt|le|lt) '((?:[^']|'')*)'")]
    private static partial Regex Term();

    private sealed record Row(JsonObject Entity, string ETag, DateTimeOffset Changed)
    {
        public JsonObject ToJson()
        {
            JsonObject json = Entity.DeepClone().AsObject();
            json["odata.etag"] = ETag;
            json["Timestamp@odata.type"] = "Edm.DateTime";
            json["Timestamp"] = Changed.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
            return json;
        }
    }
}
