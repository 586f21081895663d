using Azure.Data.Tables;
using Licensing;
using Licensing.Assignments;
using Licensing.Licenses;
using Licensing.Platforms;
using Licensing.Users;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using TestSupport;
using Xunit;

namespace Admin.Unit.Tests;

/// <summary>The command's stores on in-memory tables with a platform acme.</summary>
internal sealed class Storage : IAsyncDisposable
{
    private readonly InMemoryTables _tables = new(TimeProvider.System);
    private readonly ServiceProvider _services;

    private Storage()
    {
        IConfiguration settings = new ConfigurationBuilder().AddInMemoryCollection(
            [KeyValuePair.Create("Tables:ConnectionString", (string?)InMemoryTables.ConnectionString)]).Build();
        _services = new ServiceCollection()
            .AddSingleton(settings)
            .AddLicensing()
            .Configure<TableClientOptions>(_tables.Serve)
            .BuildServiceProvider();
        foreach (string table in new[] { "Assignments", "Directory", "ApiKeys", "Platforms" })
        {
            _tables.CreateTable(table);
        }
    }

    public Platform Platform { get; } = new("acme", Org: null, Suspended: false);

    public UserStore Users => _services.GetRequiredService<UserStore>();

    public LicenseStore Licenses => _services.GetRequiredService<LicenseStore>();

    public AssignmentStore Assignments => _services.GetRequiredService<AssignmentStore>();

    public AssignmentService Service => _services.GetRequiredService<AssignmentService>();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<Storage> StartAsync()
    {
        Storage storage = new();
        Assert.True(await storage._services.GetRequiredService<PlatformStore>().TryCreateAsync(storage.Platform, Cancellation));
        return storage;
    }

    public Task SuspendAsync() => _services.GetRequiredService<PlatformStore>().SetSuspendedAsync(Platform.Key, suspended: true, Cancellation);

    public async Task<License> LicenseAsync(long? seats = null, DateTimeOffset? starts = null, DateTimeOffset? expires = null)
    {
        License? license = await Licenses.CreateAsync("acme", id: null, "Algebra", seats, starts, expires, redirectTo: null, Cancellation);
        Assert.NotNull(license);
        return license;
    }

    public async Task<User> UserAsync(string username, string? email = null, long? id = null) =>
        Assert.IsType<AddUserOutcome.Added>(await Users.AddAsync(
            "acme", id, username, email is null ? null : Files.Address(email), Cancellation)).User;

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        _tables.Dispose();
    }
}
