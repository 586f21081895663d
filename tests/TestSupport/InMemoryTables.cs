using System.Collections.Specialized;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Azure.Core.Pipeline;
using Azure.Data.Tables;

namespace TestSupport;

/// <summary>
/// Table Storage in memory, under the storage client's transport: entities with ETags, queries by key, and entity group
/// transactions, which are atomic. Each call takes <see cref="Latency"/> on the given clock.
/// </summary>
public sealed partial class InMemoryTables(TimeProvider time) : HttpMessageHandler
{
    private const int RowsInPage = 1_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Table> _tables = [];
    private long _etags;
    private double _allowance;
    private DateTimeOffset _allowedSince;

    public TimeSpan Latency { get; set; }

    /// <summary>Maximum entities per second that transactions may write, or null for no limit. A transaction over it gets a 503.</summary>
    public int? EntitiesPerSecond { get; set; }

    /// <summary>Runs before a call reaches storage, with its method and path. If it throws, the call fails.</summary>
    public Func<string, CancellationToken, Task> BeforeCall { get; set; } = (_, _) => Task.CompletedTask;

    /// <summary>A connection string that leads here, for a client that <see cref="Serve"/> has set up.</summary>
    public static string ConnectionString { get; } = $"AccountName=memory;AccountKey={Convert.ToBase64String([1])};TableEndpoint=http://memory.invalid/";

    /// <summary>A client of these tables, configured like the service's except for transport and time limit.</summary>
    public TableServiceClient CreateClient(TableClientOptions options)
    {
        Serve(options);
        return new TableServiceClient(ConnectionString, options);
    }

    /// <summary>Makes a client with these options use these tables, without a time limit.</summary>
    public void Serve(TableClientOptions options)
    {
        options.Retry.NetworkTimeout = Timeout.InfiniteTimeSpan;
        options.Transport = new HttpClientTransport(new HttpClient(this, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan });
    }

    public void CreateTable(string name)
    {
        lock (_lock)
        {
            _tables.TryAdd(name, new Table());
        }
    }

    /// <summary>Writes entities without storage calls, so that a million take only seconds.</summary>
    public void Fill(string table, IEnumerable<TableEntity> entities)
    {
        CreateTable(table);
        lock (_lock)
        {
            foreach (TableEntity entity in entities)
            {
                _tables[table].Put((entity.PartitionKey, entity.RowKey), NewRow(ToJson(entity)));
            }
        }
    }

    /// <summary>The current rows whose keys start with the prefix; do not change them.</summary>
    public IReadOnlyList<JsonObject> Peek(string table, string partition, string rowPrefix)
    {
        lock (_lock)
        {
            return [.. _tables[table].From((partition, rowPrefix))
                .TakeWhile(each => each.Key.Partition == partition && each.Key.Row.StartsWith(rowPrefix, StringComparison.Ordinal))
                .Select(each => each.Value.Entity)];
        }
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        string body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
        await BeforeCall($"{request.Method} {request.RequestUri!.AbsolutePath}", cancellationToken);
        if (Latency > TimeSpan.Zero)
        {
            // Continues where the clock is advanced, not on the caller's scheduler.
            await Task.Delay(Latency, time, cancellationToken).ConfigureAwait(false);
        }

        Reply reply;
        lock (_lock)
        {
            reply = request.RequestUri!.AbsolutePath != "/$batch" ? One(Call.Of(request, body))
                : Allows(body) ? Transaction(body)
                : Reply.Failed(HttpStatusCode.ServiceUnavailable, "ServerBusy");
        }

        return reply.ToResponse(request);
    }

    /// <summary>Whether a transaction is within the limit, which allows bursts of a fifth of a second.</summary>
    private bool Allows(string body)
    {
        if (EntitiesPerSecond is not { } limit)
        {
            return true;
        }

        DateTimeOffset now = time.GetUtcNow();
        _allowance = Math.Min(limit / 5.0, _allowance + (limit * (now - _allowedSince).TotalSeconds));
        _allowedSince = now;
        int entities = Batch.Parse(body).Count();
        if (_allowance < entities)
        {
            return false;
        }

        _allowance -= entities;
        return true;
    }

    /// <summary>Applies all actions or none. The error message starts with the index of the failed action.</summary>
    private Reply Transaction(string body)
    {
        Call[] calls = [.. Batch.Parse(body)];
        List<(Table Table, (string, string) Key, Row? Before)> undo = [];
        List<Reply> replies = [];
        foreach (Call call in calls)
        {
            if (_tables.TryGetValue(call.Table, out Table? table))
            {
                undo.Add((table, call.Key, table.Find(call.Key)));
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

        if (!_tables.TryGetValue(call.Table, out Table? table))
        {
            return Reply.Failed(HttpStatusCode.NotFound, "TableNotFound");
        }

        if (call is { Method: "GET", HasKey: false })
        {
            return Query(table, call.Query);
        }

        Row? row = table.Find(call.Key);
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

    private static Reply Query(Table table, NameValueCollection query)
    {
        (string Property, string Operator, string Value)[] terms =
            [.. Term().Matches(query["$filter"] ?? "").Select(term => (term.Groups[1].Value, term.Groups[2].Value, term.Groups[3].Value.Replace("''", "'", StringComparison.Ordinal) + term.Groups[4].Value))];
        int most = int.TryParse(query["$top"], CultureInfo.InvariantCulture, out int top) ? top : RowsInPage;
        string? partition = terms.FirstOrDefault(term => term is ("PartitionKey", "eq", _)).Value;
        (string, string) first = query["NextPartitionKey"] is { } next
            ? (next, query["NextRowKey"] ?? "")
            : (partition ?? "", terms.FirstOrDefault(term => term is ("RowKey", "eq" or "ge" or "gt", _)).Value ?? "");
        KeyValuePair<(string Partition, string Row), Row>[] found =
            [.. table.From(first).TakeWhile(each => !IsPast(each)).Where(each => terms.All(term => Holds(each, term))).Take(most + 1)];
        JsonArray rows = [.. found.Take(most).Select(each => each.Value.ToJson())];
        return new Reply(HttpStatusCode.OK, Body: new JsonObject { ["value"] = rows })
        {
            Next = found.Length > most ? found[most].Key : null,
        };

        // Queries for rows after a key or of other partitions are not supported.
        bool IsPast(KeyValuePair<(string Partition, string Row), Row> row) =>
            partition is not null && (row.Key.Partition != partition || terms.Any(term => term is ("RowKey", "lt" or "le", _) && !Holds(row, term)));
    }

    private static bool Holds(KeyValuePair<(string Partition, string Row), Row> row, (string Property, string Operator, string Value) term)
    {
        string? value = term.Property switch
        {
            "PartitionKey" => row.Key.Partition,
            "RowKey" => row.Key.Row,
            _ => row.Value.Entity[term.Property]?.GetValue<string>(),
        };
        int order = string.CompareOrdinal(value, term.Value);
        return term.Operator switch { "eq" => order == 0, "ge" => order >= 0, "gt" => order > 0, "le" => order <= 0, _ => order < 0 };
    }

    private Row NewRow(JsonObject entity) =>
        new(Encoding.UTF8.GetBytes(entity.ToJsonString()), string.Create(CultureInfo.InvariantCulture, $"W/\"{++_etags}\""), time.GetUtcNow());

    private static JsonObject ToJson(TableEntity entity)
    {
        JsonObject json = [];
        foreach ((string name, object? value) in entity)
        {
            (string? text, string? type) = value switch
            {
                long number => (number.ToString(CultureInfo.InvariantCulture), "Edm.Int64"),
                Guid id => (id.ToString(), "Edm.Guid"),
                DateTimeOffset instant => (instant.UtcDateTime.ToString("O", CultureInfo.InvariantCulture), "Edm.DateTime"),
                _ => ((string?)null, (string?)null),
            };
            json[name] = text ?? JsonSerializer.SerializeToNode(value);
            if (type is not null)
            {
                json[$"{name}@odata.type"] = type;
            }
        }

        return json;
    }

    private static JsonObject Merge(JsonObject? before, JsonObject changes)
    {
        JsonObject merged = before ?? [];
        foreach ((string name, JsonNode? value) in changes)
        {
            merged[name] = value?.DeepClone();
        }

        return merged;
    }

    private static Reply Put(Table table, (string, string) key, Row? row)
    {
        table.Put(key, row);
        return new Reply(HttpStatusCode.NoContent, row?.ETag);
    }

    private static int CompareKeys((string Partition, string Row) x, (string Partition, string Row) y) =>
        string.CompareOrdinal(x.Partition, y.Partition) is not 0 and var order ? order : string.CompareOrdinal(x.Row, y.Row);

    [GeneratedRegex("(\\w+) (eq|ge|gt|le|lt) (?:'((?:[^']|'')*)'|(\\d+)L)")]
    private static partial Regex Term();

    /// <summary>Rows sorted by key, for binary search.</summary>
    private sealed class Table
    {
        private readonly Dictionary<(string, string), Row> _rows = [];
        private readonly SortedSet<(string Partition, string Row)> _keys = new(Comparer<(string Partition, string Row)>.Create(CompareKeys));

        public Row? Find((string, string) key) => _rows.GetValueOrDefault(key);

        /// <summary>The rows from a key on, in key order.</summary>
        public IEnumerable<KeyValuePair<(string Partition, string Row), Row>> From((string, string) first) =>
            (CompareKeys(first, _keys.Max) > 0 ? [] : _keys.GetViewBetween(first, _keys.Max)).Select(key => KeyValuePair.Create(key, _rows[key]));

        public void Put((string, string) key, Row? row)
        {
            if (row is null)
            {
                _rows.Remove(key);
                _keys.Remove(key);
                return;
            }

            _rows[key] = row;
            _keys.Add(key);
        }
    }

    /// <param name="Json">As text: a million rows fit into memory.</param>
    private sealed record Row(byte[] Json, string ETag, DateTimeOffset Changed)
    {
        public JsonObject Entity => JsonNode.Parse(Json)!.AsObject();

        public JsonObject ToJson()
        {
            JsonObject json = Entity;
            json["odata.etag"] = ETag;
            json["Timestamp@odata.type"] = "Edm.DateTime";
            json["Timestamp"] = Changed.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
            return json;
        }
    }
}
