using System.Net.Http.Json;
using Assignments;
using Assignments.Storage;
using Azure.Core;
using Azure.Data.Tables;
using LocalHost;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Benchmarks;

/// <summary>LocalHost in this process, on an Azurite, with a platform and users; its storage calls may be delayed.</summary>
internal sealed class Bench : IAsyncDisposable
{
    public const string Platform = "bench";

    private static int _count;

    private readonly WebApplication _app;
    private readonly HttpClient _client;

    private Bench(WebApplication app, string connectionString, string prefix, TimeSpan delay)
    {
        _app = app;
        _client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        TableClientOptions options = new();
        options.AddPolicy(new Delay(delay), HttpPipelinePosition.PerCall);
        Bare = new TableServiceClient(connectionString, options).GetTableClient($"{prefix}Assignments");
    }

    /// <summary>The storage client with nothing around it, delayed like the service's own.</summary>
    public TableClient Bare { get; }

    public static async Task<Bench> StartAsync(Azurite azurite, TimeSpan delay)
    {
        string prefix = $"B{Interlocked.Increment(ref _count)}";
        WebApplication app = LocalHostApplication.Create(
            [
                "--urls=http://127.0.0.1:0",
                "--Azurite=false",
                "--Demo=false",
                $"--Tables:ConnectionString={azurite.ConnectionString}",
                $"--Tables:Prefix={prefix}",
                $"--contentRoot={AppContext.BaseDirectory}",
            ],
            services => services.AddOptions<TableClientOptions>().Configure(options =>
                options.AddPolicy(new Delay(delay), HttpPipelinePosition.PerCall)));
        await app.StartAsync();
        await app.Services.GetRequiredService<Tables>().CreateIfMissingAsync(CancellationToken.None);
        Platform platform = new(Platform, Org: null, Suspended: false);
        await app.Services.GetRequiredService<PlatformStore>().TryCreateAsync(platform, CancellationToken.None);
        (_, ApiKeySecret secret) = await app.Services.GetRequiredService<ApiKeyStore>().CreateAsync(platform, null, null, CancellationToken.None);
        Bench bench = new(app, azurite.ConnectionString, prefix, delay);
        bench._client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", secret.Reveal());
        return bench;
    }

    public async Task<License> AddLicenseAsync() => (await _app.Services.GetRequiredService<LicenseStore>().CreateAsync(
        Platform, id: null, "Course", seats: 1_000_000, starts: null, expires: null, redirectTo: null, CancellationToken.None))!;

    public async Task<User[]> AddUsersAsync(int count)
    {
        UserStore users = _app.Services.GetRequiredService<UserStore>();
        User[] added = new User[count];
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, cancellation) =>
            added[i] = ((AddUserOutcome.Added)await users.AddAsync(Platform, i + 1, $"user{i}", email: null, cancellation)).User);
        return added;
    }

    public async Task PutAsync(License license, User user, bool active = true)
    {
        using HttpResponseMessage response = await _client.PostAsJsonAsync(
            $"/api/catalog/licenses/user/assignment/?license_id={license.Id}", new { license_id = license.Id, user_id = user.Id, active });
        response.EnsureSuccessStatusCode();
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
