using System.Text;
using Azure;
using Azure.Data.Tables;
using Licensing;
using Licensing.Assignments;
using Licensing.Commit;
using Licensing.Licenses;
using Licensing.Platforms;
using Licensing.Storage;
using Licensing.Users;
using Licensing.Verification;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using TestSupport;
using Xunit;

[assembly: AssemblyFixture(typeof(AzuriteFixture))]

namespace Admin.Tests;

/// <summary>The tables of one test, with access for the command and for assertions.</summary>
internal sealed class Provisioning : IDisposable
{
    private static readonly TimeSpan SetUpTimeout = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, string> _settings;
    private readonly ServiceProvider _services;
    private readonly AzuriteFixture _azurite;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("admin-tests-");

    public Provisioning(AzuriteFixture azurite)
    {
        _azurite = azurite;
        _settings = new()
        {
            ["Tables__ConnectionString"] = azurite.ConnectionString,
            ["Tables__Prefix"] = azurite.NewPrefix(),
        };
        _services = new ServiceCollection()
            .AddSingleton<IConfiguration>(new ConfigurationBuilder()
                .AddInMemoryCollection(_settings.Select(setting =>
                    KeyValuePair.Create(setting.Key.Replace("__", ":", StringComparison.Ordinal), (string?)setting.Value)))
                .Build())
            .AddSingleton<TimeProvider>(new NoonTime())
            .AddLicensing()
            // Without the service's deadline, which a slow machine could exceed during set-up.
            .Configure<TableClientOptions>(client => client.Retry.NetworkTimeout = SetUpTimeout)
            .BuildServiceProvider();
    }

    public IReadOnlyDictionary<string, string> Settings => _settings;

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    public Task<AdminResult> RunAsync(params string[] arguments) => AdminProcess.RunAsync(_settings, arguments);

    /// <summary>Creates the tables and a platform without a process.</summary>
    public async Task PlatformAsync(string key)
    {
        await Get<Tables>().CreateIfMissingAsync(TestContext.Current.CancellationToken);
        Assert.True(await Get<PlatformStore>().TryCreateAsync(
            new Platform(key, Org: null, Suspended: false), TestContext.Current.CancellationToken));
    }

    /// <summary>Creates a platform's next license without a process.</summary>
    public async Task LicenseAsync(string name, long? seats = null, DateTimeOffset? expires = null, string platform = "acme") =>
        Assert.NotNull(await Get<LicenseStore>().CreateAsync(
            platform, id: null, name, seats, starts: null, expires, redirectTo: null, TestContext.Current.CancellationToken));

    /// <summary>Suspends acme at noon of the tests, long enough ago that no instance has the old state in its cache.</summary>
    public async Task SuspendedAsync() =>
        Assert.NotNull(await Get<PlatformStore>().SetSuspendedAsync("acme", suspended: true, TestContext.Current.CancellationToken));

    /// <summary>Verifies a platform without a process.</summary>
    public async Task CleanAsync(string platform = "acme") => Assert.Empty(
        (await Get<Verifier>().VerifyAsync(platform, repair: false, progress: null, TestContext.Current.CancellationToken)).Violations);

    /// <summary>Adds a platform's next user without a process.</summary>
    public async Task UserAsync(string username, string? email = null, string platform = "acme")
    {
        EmailAddress? address = null;
        Assert.True(email is null || EmailAddress.TryParse(email, out address));
        Assert.IsType<AddUserOutcome.Added>(await Get<UserStore>().AddAsync(
            platform, id: null, username, address, TestContext.Current.CancellationToken));
    }

    /// <summary>Writes a file that is deleted after the test, and returns its path.</summary>
    public string Write(string file, string text) => Write(file, Encoding.UTF8.GetBytes(text));

    /// <inheritdoc cref="Write(string, string)"/>
    public string Write(string file, byte[] content)
    {
        string path = Path.Combine(_folder.FullName, file);
        File.WriteAllBytes(path, content);
        return path;
    }

    /// <summary>Starts the function app on the same tables.</summary>
    public Task<LocalHostServer> StartServerAsync(Action<IServiceCollection>? configure = null) =>
        LocalHostServer.StartAsync(_azurite, _settings["Tables__Prefix"], configure: configure);

    /// <summary>Runs a command that must succeed, and returns its output.</summary>
    public async Task<string> DoneAsync(params string[] arguments)
    {
        AdminResult result = await RunAsync(arguments);
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        return result.Output;
    }

    /// <summary>Creates or updates an assignment through the service, at noon, by key <c>k1</c>.</summary>
    public async Task<Assignment> PutAsync(long user, long license, bool active = true, bool fulfilled = false, string? metadata = null, string platform = "acme")
    {
        AssignmentOutcome outcome = await Get<AssignmentService>().PutAsync(
            new PutAssignment(platform, license, user, Email: null, active, fulfilled, metadata, "k1", Guid.NewGuid()),
            TestContext.Current.CancellationToken);
        return Assert.IsType<AssignmentOutcome.Saved>(outcome).Assignment;
    }

    /// <summary>Deletes an assignment of license 1 through the service, at noon, by key <c>k1</c>.</summary>
    public async Task DeleteAsync(long assignment) => Assert.IsType<AssignmentOutcome.Deleted>(await Get<AssignmentService>().DeleteAsync(
        new DeleteAssignment("acme", 1, assignment, "k1", Guid.NewGuid()), TestContext.Current.CancellationToken));

    /// <summary>Changes a row of acme directly in storage.</summary>
    public async Task DamageAsync(string rowKey, Action<TableEntity> damage)
    {
        TableClient table = Get<Tables>().Assignments;
        TableEntity row = await table.GetEntityAsync<TableEntity>("acme", rowKey, cancellationToken: TestContext.Current.CancellationToken);
        damage(row);
        await table.UpdateEntityAsync(row, ETag.All, TableUpdateMode.Replace, TestContext.Current.CancellationToken);
    }

    /// <summary>Adds an assignment like the API, but without taking a seat.</summary>
    public Task AssignAsync(Assignment assignment) =>
        Get<Tables>().Assignments.AddEntityAsync(AssignmentRows.ToEntity(assignment));

    public void Dispose()
    {
        // Disposing the service drains its writers.
        _services.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _folder.Delete(recursive: true);
    }

    /// <summary>The time of day stands still, but measured time passes.</summary>
    private sealed class NoonTime : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2026, 5, 4, 12, 0, 0, TimeSpan.Zero);
    }
}
