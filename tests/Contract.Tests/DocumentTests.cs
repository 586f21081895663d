using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Functions;
using Microsoft.Azure.Functions.Worker;
using Microsoft.OpenApi;
using Xunit;

namespace Contract.Tests;

/// <summary>docs/openapi.yaml by itself: the rules of a linter, and what clients of the published API need.</summary>
public sealed partial class DocumentTests(ApiDocument document)
{
    private const string Create = "catalog_licenses_user_assignment_create";
    private const string Destroy = "catalog_licenses_user_assignment_destroy";
    private const string Check = "catalog_licenses_user_assignment_check_retrieve";

    private const string PlatformKey = "platform_key string, The unique identifier for the platform";
    private const string PlatformOrg = "platform_org string, The organization identifier for the platform";

    /// <summary>From the published API: name, type and format, whether it is required, its default and its description.</summary>
    private static readonly string[] PublishedParameters =
    [
        "license_id integer required, The ID of the user license",
        "page integer, Page number for pagination",
        "page_size integer, Number of results per page",
        "platform_key string non-empty, The unique identifier for the platform",
        "platform_org string non-empty, The organization identifier for the platform",
        "sort string non-empty default \"id\", Field to sort results by",
    ];

    /// <summary>The published API's operations: what they do, and their parameters.</summary>
    public static TheoryData<string, string, string[]> PublishedOperations => new()
    {
        { Create, "Create or update a user license assignment", PublishedParameters },
        { Destroy, "Remove a user license assignment", ["assignment_id integer required, The ID of the assignment to delete", .. PublishedParameters] },
        {
            Check,
            "Check if a user has an active user license assignment",
            ["email string email non-empty required, The email address to check for active license assignments"]
        },
    };

    /// <summary>The published API's schemas, member by member.</summary>
    public static TheoryData<string, string[]> PublishedMembers => new()
    {
        {
            "AssignmentRequest",
            [
                "license_id integer required, The ID of the user license",
                "user_id integer, The user ID to assign the license to",
                "email string email, The email to assign the license to",
                PlatformKey,
                PlatformOrg,
                "active boolean default true, Whether the assignment is active",
                "fulfilled boolean default false, Whether the assignment has been fulfilled",
                "metadata object, Additional metadata for the assignment",
            ]
        },
        {
            "Assignment",
            [
                "id integer required, The unique identifier for the assignment",
                "user_id integer required, The ID of the user assigned the license",
                "username string required, The username of the user assigned the license",
                "email string email required, The email address of the user assigned the license",
                "active boolean required, Whether the assignment is active",
                "fulfilled boolean required, Whether the assignment has been fulfilled",
                "redirect_to string uri, URL to redirect to after fulfillment",
                "metadata object required, Additional metadata for the assignment",
                "license_id integer required, The ID of the user license",
                "license_name string required, The name of the user license",
                "platform_key string required, The platform key associated with the license",
            ]
        },
    };

    private static readonly Dictionary<int, string[]> ContractCodes = new()
    {
        [400] = ["invalid_request", "malformed_json", "seats_exhausted", "license_inactive", "license_not_started", "license_expired"],
        [401] = ["unauthenticated"],
        [403] = ["platform_mismatch", "platform_suspended"],
        [404] = ["license_not_found", "user_not_found", "assignment_not_found", "no_active_assignment"],
        [413] = ["body_too_large"],
        [415] = ["unsupported_media_type"],
        [429] = ["too_many_requests"],
        [500] = ["internal_error"],
        [503] = ["storage_unavailable"],
    };

    [Fact]
    public void The_document_is_valid_OpenAPI_3_1_without_warnings()
    {
        Assert.Equal(OpenApiSpecVersion.OpenApi3_1, document.Diagnostic.SpecificationVersion);
        Assert.Empty(document.Diagnostic.Errors.Concat(document.Diagnostic.Warnings).Select(fault => fault.ToString()));
    }

    [Fact]
    public void The_version_matches_the_build_and_the_published_API_version_is_named()
    {
        Assert.Equal(typeof(AssignmentFunctions).Assembly.GetName().Version!.ToString(fieldCount: 3), document.Document.Info.Version);
        Assert.Contains("version 3.59.0-ai-plus", document.Document.Info.Description, StringComparison.Ordinal);
    }

    [Fact]
    public void The_operations_match_the_functions_and_their_routes()
    {
        IEnumerable<string> functions =
            from method in typeof(AssignmentFunctions).GetMethods()
            let function = method.GetCustomAttribute<FunctionAttribute>()
            where function is not null
            let trigger = method.GetParameters()[0].GetCustomAttribute<HttpTriggerAttribute>()!
            select $"{function.Name} {Assert.Single(trigger.Methods!).ToUpperInvariant()} /api/{trigger.Route}/";

        Assert.Equal(functions.Order(), document.Operations.Select(each => $"{each.Id} {each.Method} {each.Path}").Order());
    }

    [Fact]
    public void Every_operation_documents_its_purpose_security_and_errors()
    {
        Assert.All(document.Operations, operation =>
        {
            OpenApiOperation definition = operation.Definition;
            Assert.NotNull(definition.Summary);
            Assert.NotNull(definition.Description);
            Assert.Equal(document.Document.Tags!.Select(tag => tag.Name), definition.Tags!.Select(tag => tag.Name));
            Assert.NotEmpty(definition.Security ?? document.Document.Security!);
            Assert.Contains(definition.Responses!.Keys, status => status.StartsWith('2'));
            Assert.Contains(definition.Responses!.Keys, status => status.StartsWith('4'));
            Assert.Contains(definition.Responses!.Keys, status => status.StartsWith('5'));
        });
        Assert.All(document.Document.Tags!, tag => Assert.NotNull(tag.Description));
        Assert.NotNull(document.Document.Info.Description);
        Assert.NotNull(document.Document.Info.License?.Identifier);
    }

    [Fact]
    public void Every_element_has_a_description()
    {
        List<string> mute = [];
        void Describe(string what, string? description)
        {
            if (string.IsNullOrWhiteSpace(description))
            {
                mute.Add(what);
            }
        }

        OpenApiComponents components = document.Document.Components!;
        foreach ((string name, IOpenApiSchema schema) in components.Schemas!)
        {
            Describe(name, schema.Description);
            foreach ((string member, IOpenApiSchema property) in schema.Properties!)
            {
                Describe($"{name}.{member}", property.Description);
            }
        }

        foreach (IOpenApiParameter parameter in document.Operations.SelectMany(each => each.Definition.Parameters!))
        {
            Describe(parameter.Name!, parameter.Description);
        }

        foreach (IOpenApiResponse response in document.Operations.SelectMany(each => each.Definition.Responses!.Values))
        {
            Describe("response", response.Description);
            foreach ((string name, IOpenApiHeader header) in response.Headers!)
            {
                Describe(name, header.Description);
            }
        }

        Describe("key", Assert.Single(components.SecuritySchemes!).Value.Description);
        Assert.Empty(mute);
    }

    [Fact]
    public async Task Every_example_matches_its_schema_and_every_required_input_has_one()
    {
        List<(string What, IOpenApiSchema Schema, JsonNode? Example)> examples = [];
        foreach (Operation operation in document.Operations)
        {
            // LocalHost's page sends every parameter that has an example, so an optional one would make a first try fail.
            Assert.All(operation.Definition.Parameters!, parameter => Assert.Equal(parameter.Required, parameter.Example is not null));
            examples.AddRange(operation.Definition.Parameters!.Where(parameter => parameter.Required)
                .Select(parameter => (parameter.Name!, parameter.Schema!, parameter.Example)));

            foreach (IOpenApiHeader header in operation.Definition.Responses!.Values.SelectMany(response => response.Headers!.Values))
            {
                examples.Add(("header", header.Schema!, header.Example));
            }

            foreach ((string mediaType, IOpenApiMediaType content) in operation.Definition.Responses!.Values
                .SelectMany(response => response.Content ?? new Dictionary<string, IOpenApiMediaType>())
                .Concat(operation.Definition.RequestBody?.Content!.Where(content => content.Key == "application/json") ?? []))
            {
                string what = $"{operation.Id} {mediaType}";
                examples.AddRange(content.Examples is { Count: > 0 } named
                    ? named.Values.Select(example => (what, content.Schema!, example.Value))
                    : [(what, content.Schema!, content.Example)]);
            }
        }

        List<string> faults = [];
        foreach ((string what, IOpenApiSchema schema, JsonNode? example) in examples)
        {
            faults.AddRange(example is null
                ? [$"{what} has no example."]
                : (await ApiDocument.FaultsAsync(schema, example)).Select(fault => $"{what}: {fault}"));
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    [Fact]
    public void Every_component_is_used()
    {
        IEnumerable<string> defined = Component().Matches(ApiDocument.Text.Replace("\r", "", StringComparison.Ordinal))
            .SelectMany(section => Name().Matches(section.Groups["entries"].Value).Select(name => $"{section.Groups["kind"].Value}/{name.Groups[1].Value}"))
            .Where(name => !name.StartsWith("securitySchemes/", StringComparison.Ordinal));
        string[] names = [.. defined];

        Assert.NotEmpty(names);
        Assert.All(names, name => Assert.Contains($"'#/components/{name}'", ApiDocument.Text, StringComparison.Ordinal));
    }

    [Fact]
    public void The_error_codes_match_the_contract()
    {
        IEnumerable<string> documented = ApiDocument.DocumentedAnswers()
            .Where(answer => answer.Code is not null)
            .Select(answer => $"{answer.Status} {answer.Code}")
            .Distinct();
        string[] contract = [.. ContractCodes.SelectMany(codes => codes.Value.Select(code => $"{codes.Key} {code}"))];

        Assert.Equal(contract.Order(), documented.Order());
        Assert.Equal(
            ContractCodes.Values.SelectMany(codes => codes).Order(),
            document.Document.Components!.Schemas!["Problem"].Properties!["code"].Enum!.Select(code => code!.GetValue<string>()).Order());
    }

    /// <summary>A header that the published API does not have.</summary>
    private const string OwnHeader = "Idempotency-Key";

    [Theory]
    [MemberData(nameof(PublishedOperations))]
    public void The_operations_and_parameters_of_the_published_API_are_present(string operation, string summary, string[] parameters)
    {
        OpenApiOperation definition = document.Operations.Single(each => each.Id == operation).Definition;

        Assert.Equal(summary, definition.Summary);
        Assert.Equal(parameters.Select(NameOf).Order(), definition.Parameters!.Select(parameter => parameter.Name).Where(name => name != OwnHeader).Order());
        Assert.All(parameters, published =>
        {
            IOpenApiParameter parameter = definition.Parameters!.Single(each => each.Name == NameOf(published));
            AssertKeeps(published, parameter.Name!, parameter.Schema!, parameter.Required, parameter.Description!);
        });
    }

    [Theory]
    [MemberData(nameof(PublishedMembers))]
    public void The_schema_members_of_the_published_API_are_present(string schema, string[] members)
    {
        IOpenApiSchema ours = document.Document.Components!.Schemas![schema];

        Assert.Equal(members.Select(NameOf), ours.Properties!.Keys);
        Assert.All(members, published =>
        {
            string name = NameOf(published);
            AssertKeeps(published, name, ours.Properties![name], ours.Required!.Contains(name), ours.Properties[name].Description!);
        });
    }

    [Fact]
    public void Bodies_are_JSON_and_responses_allow_additional_members()
    {
        OpenApiOperation create = document.Operations.Single(each => each.Id == Create).Definition;

        Assert.Equal(["application/json", "application/scim+json"], create.RequestBody!.Content!.Keys);
        Assert.Contains("application/x-www-form-urlencoded", create.RequestBody.Description!, StringComparison.Ordinal);
        Assert.Contains("multipart/form-data", create.RequestBody.Description!, StringComparison.Ordinal);
        Assert.All(document.Document.Components!.Schemas!.Values, schema => Assert.True(schema.AdditionalPropertiesAllowed));
    }

    [Fact]
    public void The_http_file_has_a_request_for_every_operation()
    {
        string requests = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "requests.http"));
        string api = new Uri(ApiVariable().Match(requests).Groups[1].Value).AbsolutePath;

        IEnumerable<string?> operations = RequestLine().Matches(requests)
            .Select(request => document.Find(request.Groups["method"].Value, api + request.Groups["path"].Value)?.Id);

        Assert.Equal(document.Operations.Select(each => each.Id).Order(), operations.Distinct().Order());
    }

    private static string NameOf(string published) => published.Split(' ')[0];

    /// <summary>Ours may describe more, and may allow null where the published API omits a member.</summary>
    private static void AssertKeeps(string published, string name, IOpenApiSchema schema, bool required, string description)
    {
        string[] parts = published.Split(", ", 2);
        string[] traits =
        [
            name,
            (schema.Type & ~JsonSchemaType.Null).ToString()!.ToLowerInvariant(),
            schema.Format ?? "",
            schema.MinLength == 1 ? "non-empty" : "",
            required ? "required" : "",
            schema.Default is { } value ? $"default {value.ToJsonString()}" : "",
        ];
        Assert.Equal(parts[0], string.Join(' ', traits.Where(trait => trait != "")));
        Assert.StartsWith(parts[1], description, StringComparison.Ordinal);
    }

    [GeneratedRegex("^  (?<kind>[a-zA-Z]+):\n(?<entries>(?:    .*\n)+)", RegexOptions.Multiline)]
    private static partial Regex Component();

    [GeneratedRegex("^@api = (.+?)\\s*$", RegexOptions.Multiline)]
    private static partial Regex ApiVariable();

    [GeneratedRegex(@"^(?<method>[A-Z]+) \{\{api\}\}(?<path>[^?\s]*)", RegexOptions.Multiline)]
    private static partial Regex RequestLine();

    [GeneratedRegex("^    ([A-Za-z_]+):$", RegexOptions.Multiline)]
    private static partial Regex Name();
}
