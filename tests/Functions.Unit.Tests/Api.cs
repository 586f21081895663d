using System.Text;
using System.Text.Json;
using Azure.Data.Tables;
using Licensing.ApiKeys;
using Licensing.Licenses;
using Licensing.Platforms;
using Licensing.Users;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Moq;
using TestSupport;
using Xunit;

namespace Functions.Unit.Tests;

/// <summary>
/// The three functions, called as the worker calls them. Their storage client is a mock for each table, which passes
/// every call on to tables in memory unless a test says otherwise.
/// </summary>
internal sealed class Api : IAsyncDisposable
{
    private readonly InMemoryTables _storage = new(TimeProvider.System);
    private readonly ServiceProvider _services;
    private readonly AssignmentFunctions _functions;
    private string _secret = "";

    public Api()
    {
        Assignments = Table("Assignments");
        Mock<TableServiceClient> client = new();
        client.Setup(service => service.GetTableClient("Assignments")).Returns(Assignments.Object);
        client.Setup(service => service.GetTableClient(It.IsNotIn("Assignments"))).Returns((string name) => Table(name).Object);
        IConfiguration settings = new ConfigurationBuilder().AddInMemoryCollection(
            [KeyValuePair.Create("Tables:Endpoint", (string?)"https://mocked.table.core.windows.net")]).Build();
        _services = new ServiceCollection()
            .AddSingleton(settings)
            .AddLogging()
            .AddAssignmentApi(settings)
            .AddSingleton(client.Object)
            .AddSingleton<AssignmentFunctions>()
            .BuildServiceProvider();
        _functions = _services.GetRequiredService<AssignmentFunctions>();
    }

    /// <summary>The client of table <c>Assignments</c>.</summary>
    public Mock<TableClient> Assignments { get; }

    public License License { get; private set; } = null!;

    public User User { get; private set; } = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>A platform with one API key, one license and one user; the mock has seen no call after it.</summary>
    public static async Task<Api> StartAsync(long? seats = 10)
    {
        Api api = new();
        Platform platform = new("acme", "Acme", Suspended: false);
        await api._services.GetRequiredService<PlatformStore>().TryCreateAsync(platform, Cancellation);
        (_, ApiKeySecret secret) = await api._services.GetRequiredService<ApiKeyStore>().CreateAsync(platform, name: null, expires: null, Cancellation);
        api._secret = secret.Reveal();
        api.License = (await api._services.GetRequiredService<LicenseStore>().CreateAsync(
            "acme", id: null, "Course", seats, starts: null, expires: null, redirectTo: null, Cancellation))!;
        AddUserOutcome added = await api._services.GetRequiredService<UserStore>().AddAsync(
            "acme", id: null, "ada", EmailAddress.TryParse("ada@example.com", out EmailAddress? email) ? email : null, Cancellation);
        api.User = Assert.IsType<AddUserOutcome.Added>(added).User;
        api.Assignments.Invocations.Clear();
        return api;
    }

    /// <summary>The status and the body of a create.</summary>
    public Task<(HttpResponse Response, JsonElement? Body)> CreateAsync(string body, string? secret = null) =>
        SendAsync("POST", $"?license_id={License.Id}", body, secret ?? _secret, _functions.CreateAsync);

    public Task<(HttpResponse Response, JsonElement? Body)> DeleteAsync(long assignmentId) =>
        SendAsync("DELETE", $"?license_id={License.Id}&assignment_id={assignmentId}", "", _secret, _functions.DestroyAsync);

    public Task<(HttpResponse Response, JsonElement? Body)> CheckAsync(string email) =>
        SendAsync("GET", $"?email={Uri.EscapeDataString(email)}", "", secret: null, _functions.CheckAsync);

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        _storage.Dispose();
    }

    private async Task<(HttpResponse Response, JsonElement? Body)> SendAsync(
        string method, string query, string body, string? secret, Func<HttpRequest, CancellationToken, Task<IResult>> function)
    {
        DefaultHttpContext context = new() { RequestServices = _services };
        using MemoryStream response = new();
        context.Response.Body = response;
        context.Request.Method = method;
        context.Request.QueryString = new QueryString(query);
        context.Request.ContentType = "application/json";
        context.Request.Body = new MemoryStream(Encoding.UTF8.GetBytes(body));
        context.Request.Headers.Authorization = secret is null ? default : $"Api-Key {secret}";
        IResult result = await function(context.Request, Cancellation);
        await result.ExecuteAsync(context);
        return (context.Response, response.Length == 0 ? null : JsonDocument.Parse(response.ToArray()).RootElement);
    }

    private Mock<TableClient> Table(string name)
    {
        _storage.CreateTable(name);
        TableClientOptions options = new();
        _storage.Serve(options);
        return new Mock<TableClient>(InMemoryTables.ConnectionString, name, options) { CallBase = true };
    }
}
