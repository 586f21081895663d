using System.Collections.Specialized;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Web;

namespace TestSupport;

/// <summary>The HTTP messages of the storage client.</summary>
public sealed partial class InMemoryTables
{
    /// <param name="Query">The parameters: a filter and the start of a page.</param>
    private sealed partial record Call(
        string Method, string Table, (string Partition, string Row) Key, bool HasKey, string? IfMatch, JsonObject? Entity, NameValueCollection Query)
    {
        public static Call Of(HttpRequestMessage request, string body) => Of(
            request.Method.Method,
            request.RequestUri!,
            request.Headers.TryGetValues("If-Match", out IEnumerable<string>? etag) ? etag.Single() : null,
            body);

        public static Call Of(string method, Uri uri, string? ifMatch, string body)
        {
            Match target = Target().Match(Uri.UnescapeDataString(uri.AbsolutePath));
            JsonObject? entity = body.Length == 0 ? null : JsonNode.Parse(body)!.AsObject();
            bool hasKey = target.Groups[2].Success;
            (string, string) key = hasKey
                ? (Text(target.Groups[2]), Text(target.Groups[3]))
                : (entity?["PartitionKey"]?.GetValue<string>() ?? "", entity?["RowKey"]?.GetValue<string>() ?? "");
            return new Call(method, target.Groups[1].Value, key, hasKey, ifMatch, entity, HttpUtility.ParseQueryString(uri.Query));
        }

        private static string Text(Group quoted) => quoted.Value.Replace("''", "'", StringComparison.Ordinal);

        [GeneratedRegex(@"^/(\w+)(?:\((?:PartitionKey='(.*)',RowKey='(.*)')?\))?$")]
        private static partial Regex Target();
    }

    private sealed record Reply(HttpStatusCode Status, string? ETag = null, JsonObject? Body = null, string? Code = null)
    {
        /// <summary>The first row of the next page.</summary>
        public (string Partition, string Row)? Next { get; init; }

        public HttpContent? Content { get; init; }

        public static Reply Failed(HttpStatusCode status, string code, string? message = null) => new(
            status,
            Body: new JsonObject
            {
                ["odata.error"] = new JsonObject
                {
                    ["code"] = code,
                    ["message"] = new JsonObject { ["lang"] = "en-US", ["value"] = message ?? code },
                },
            },
            Code: code);

        public HttpResponseMessage ToResponse(HttpRequestMessage request)
        {
            HttpResponseMessage response = new(Status) { RequestMessage = request, Content = Content };
            if (Body is not null)
            {
                response.Content = new StringContent(Body.ToJsonString(), Encoding.UTF8, "application/json");
            }

            foreach ((string name, string? value) in new[]
            {
                ("ETag", ETag),
                ("x-ms-continuation-NextPartitionKey", Next?.Partition),
                ("x-ms-continuation-NextRowKey", Next?.Row),
            })
            {
                if (value is not null)
                {
                    response.Headers.TryAddWithoutValidation(name, value);
                }
            }

            return response;
        }
    }

    /// <summary>An entity group transaction: requests and replies in nested multipart bodies.</summary>
    private static partial class Batch
    {
        public static IEnumerable<Call> Parse(string body)
        {
            string boundary = Boundary().Match(body).Groups[1].Value;
            foreach (string part in body.Split("--" + boundary).Skip(1).SkipLast(1))
            {
                // Headers of the part, the request with its own headers, its body.
                string[] blocks = part.Split("\r\n\r\n", 3);
                string[] head = blocks[1].Split("\r\n");
                string[] line = head[0].Split(' ');
                string? ifMatch = head.FirstOrDefault(header => header.StartsWith("If-Match:", StringComparison.OrdinalIgnoreCase))?[9..].Trim();
                yield return Call.Of(line[0], new Uri(line[1]), ifMatch, blocks[2].Trim());
            }
        }

        public static Reply Reply(IEnumerable<Reply> replies)
        {
            StringBuilder body = new();
            body.Append("--batch\r\nContent-Type: multipart/mixed; boundary=changes\r\n\r\n");
            foreach (Reply reply in replies)
            {
                body.Append("--changes\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n");
                body.Append(CultureInfo.InvariantCulture, $"HTTP/1.1 {(int)reply.Status} {reply.Status}\r\n");
                body.Append(reply.ETag is null ? "" : $"ETag: {reply.ETag}\r\n");
                body.Append("Content-Type: application/json\r\n\r\n").Append(reply.Body?.ToJsonString()).Append("\r\n");
            }

            body.Append("--changes--\r\n--batch--\r\n");
            StringContent content = new(body.ToString());
            content.Headers.Remove("Content-Type");
            content.Headers.TryAddWithoutValidation("Content-Type", "multipart/mixed; boundary=batch");
            return new Reply(HttpStatusCode.Accepted) { Content = content };
        }

        [GeneratedRegex("multipart/mixed; boundary=\"?([^\"\\r\\n]+)")]
        private static partial Regex Boundary();
    }
}
