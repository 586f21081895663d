using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using Microsoft.OpenApi.Reader;
using NJsonSchema;
using Xunit;

[assembly: AssemblyFixture(typeof(Contract.Tests.ApiDocument))]

namespace Contract.Tests;

/// <summary>docs/openapi.yaml, as LocalHost serves it, and checks of responses against it.</summary>
public sealed class ApiDocument : IAsyncLifetime
{
    /// <summary>Headers of the connection rather than of the response, and those that describe the body.</summary>
    private static readonly HashSet<string> TransportHeaders =
        new(["Connection", "Content-Length", "Content-Type", "Date", "Transfer-Encoding"], StringComparer.OrdinalIgnoreCase);

    private const string ProblemType = "application/problem+json";

    private readonly Dictionary<IOpenApiSchema, JsonSchema> _schemas = [];

    public static string Text { get; } = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "openapi.yaml"));

    public OpenApiDocument Document { get; private set; } = null!;

    public OpenApiDiagnostic Diagnostic { get; private set; } = null!;

    public IReadOnlyList<Operation> Operations { get; private set; } = [];

    public async ValueTask InitializeAsync()
    {
        (Document, Diagnostic) = Read();
        Operations = OperationsOf(Document);
        foreach (IOpenApiSchema schema in Operations.SelectMany(operation => operation.Definition.Responses!.Values).SelectMany(SchemasOf))
        {
            _schemas[schema] = await JsonSchemaOf(schema);
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>Every documented response: an operation, a status and, for a problem, a code.</summary>
    public static IEnumerable<(string Operation, int Status, string? Code)> DocumentedAnswers() =>
        from operation in OperationsOf(Read().Document)
        from response in operation.Definition.Responses!
        let problem = response.Value.Content?.SingleOrDefault(content => content.Key == ProblemType).Value
        from code in problem?.Examples!.Keys ?? (IEnumerable<string?>)[null]
        select (operation.Id, int.Parse(response.Key, CultureInfo.InvariantCulture), code);

    /// <summary>The operation of a request, or null if there is none.</summary>
    public Operation? Find(string method, string path) =>
        Operations.SingleOrDefault(operation => operation.Method == method && operation.Path.TrimEnd('/') == path.TrimEnd('/'));

    /// <summary>The differences between a response and its documentation; empty if there are none.</summary>
    public IEnumerable<string> Differences(Operation operation, Answer answer)
    {
        string status = answer.Status.ToString(CultureInfo.InvariantCulture);
        if (!operation.Definition.Responses!.TryGetValue(status, out IOpenApiResponse? response))
        {
            return [$"{operation.Id} has no {status}."];
        }

        return HeaderDifferences(response, answer).Concat(BodyDifferences(response, answer))
            .Select(difference => $"{operation.Id} {status}: {difference}");
    }

    /// <summary>The example of a problem, without what differs by request: trace id, errors and waiting time.</summary>
    public JsonObject ProblemExample(string operation, int status, string code)
    {
        IOpenApiResponse response = Operations.Single(each => each.Id == operation)
            .Definition.Responses![status.ToString(CultureInfo.InvariantCulture)];
        return Comparable(response.Content![ProblemType].Examples![code].Value!);
    }

    public static JsonObject Comparable(JsonNode problem)
    {
        JsonObject comparable = problem.DeepClone().AsObject();
        Assert.True(comparable.Remove("traceId"));
        comparable.Remove("errors");
        comparable.Remove("retry_after");
        return comparable;
    }

    /// <summary>The schema violations of an example.</summary>
    public static async Task<IEnumerable<string>> FaultsAsync(IOpenApiSchema schema, JsonNode example) =>
        Faults(await JsonSchemaOf(schema), Json(writer => writer.WriteAny(example)));

    private static IEnumerable<string> Faults(JsonSchema schema, string json) =>
        schema.Validate(json).Select(fault => fault.ToString());

    private static Task<JsonSchema> JsonSchemaOf(IOpenApiSchema schema) => JsonSchema.FromJsonAsync(Json(schema.SerializeAsV31));

    private static string Json(Action<IOpenApiWriter> write)
    {
        using StringWriter text = new(CultureInfo.InvariantCulture);
        write(new OpenApiJsonWriter(text, new OpenApiJsonWriterSettings { InlineLocalReferences = true }));
        return text.ToString();
    }

    private IEnumerable<string> HeaderDifferences(IOpenApiResponse response, Answer answer)
    {
        foreach ((string name, IOpenApiHeader header) in response.Headers ?? new Dictionary<string, IOpenApiHeader>())
        {
            if (!answer.Headers.TryGetValue(name, out string? value))
            {
                yield return $"header {name} is missing.";
            }
            else if (Faults(_schemas[header.Schema!], header.Schema!.Type == JsonSchemaType.Integer ? value : $"\"{value}\"").Any())
            {
                yield return $"header {name} cannot be '{value}'.";
            }
        }

        foreach (string name in answer.Headers.Keys.Where(name => !TransportHeaders.Contains(name) && response.Headers?.ContainsKey(name) != true))
        {
            yield return $"header {name} is not documented.";
        }
    }

    private IEnumerable<string> BodyDifferences(IOpenApiResponse response, Answer answer)
    {
        if (response.Content is not { Count: > 0 } content)
        {
            return answer.Body.Length == 0 ? [] : ["the body is not empty."];
        }

        string contentType = answer.Headers.GetValueOrDefault("Content-Type", "");
        if (!contentType.EndsWith("; charset=utf-8", StringComparison.Ordinal)
            || !content.TryGetValue(contentType.Split(';')[0], out IOpenApiMediaType? documented))
        {
            return [$"media type '{contentType}' is not documented."];
        }

        // Clients must accept new members, but the document must name them all.
        JsonObject body = JsonNode.Parse(answer.Body)!.AsObject();
        IEnumerable<string> faults = Faults(_schemas[documented.Schema!], answer.Body)
            .Concat(body.Where(member => !documented.Schema!.Properties!.ContainsKey(member.Key)).Select(member => $"member {member.Key} is not documented."))
            .Concat(body["retry_after"]?.ToJsonString() == answer.Headers.GetValueOrDefault("Retry-After") || !answer.IsProblem
                ? []
                : ["retry_after is not what Retry-After is."]);
        return answer.Code is { } code && documented.Examples?.ContainsKey(code) != true
            ? faults.Append($"code {code} is not documented.")
            : faults;
    }

    private static IEnumerable<IOpenApiSchema> SchemasOf(IOpenApiResponse response) =>
        (response.Content?.Values.Select(content => content.Schema!) ?? [])
        .Concat(response.Headers?.Values.Select(header => header.Schema!) ?? []);

    private static (OpenApiDocument Document, OpenApiDiagnostic Diagnostic) Read()
    {
        OpenApiReaderSettings settings = new();
        settings.AddYamlReader();
        ReadResult result = OpenApiDocument.Parse(Text, "yaml", settings);
        return (result.Document!, result.Diagnostic!);
    }

    private static List<Operation> OperationsOf(OpenApiDocument document) =>
    [
        .. from path in document.Paths
           from operation in path.Value.Operations!
           select new Operation(operation.Value.OperationId!, operation.Key.Method, path.Key, operation.Value),
    ];
}

public sealed record Operation(string Id, string Method, string Path, OpenApiOperation Definition);

/// <summary>A response as received.</summary>
/// <param name="Headers">By case-insensitive name; repeated headers are joined by commas.</param>
public sealed record Answer(int Status, IReadOnlyDictionary<string, string> Headers, string Body)
{
    public bool IsProblem => Headers.GetValueOrDefault("Content-Type", "").StartsWith("application/problem+json", StringComparison.Ordinal);

    /// <summary>Whether a function returned it, rather than the host.</summary>
    public bool IsOfFunction => IsProblem || Status == 200;

    /// <summary>The code of a problem document.</summary>
    public string? Code => IsProblem ? JsonNode.Parse(Body)!["code"]!.GetValue<string>() : null;

    public static async Task<Answer> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken) => new(
        (int)response.StatusCode,
        response.Headers.Concat(response.Content.Headers).ToDictionary(
            header => header.Key, header => string.Join(", ", header.Value), StringComparer.OrdinalIgnoreCase),
        await response.Content.ReadAsStringAsync(cancellationToken));
}
