using Assignments;
using Assignments.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Testing;
using Xunit;

[assembly: AssemblyFixture(typeof(AzuriteFixture))]

namespace Admin.Tests;

/// <summary>Tables of one test's own: what the command does to them, and what is in them.</summary>
internal sealed class Provisioning : IDisposable
{
    private readonly Dictionary<string, string> _settings;
    private readonly ServiceProvider _services;

    public Provisioning(AzuriteFixture azurite)
    {
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
            .AddAssignments()
            .BuildServiceProvider();
    }

    public IReadOnlyDictionary<string, string> Settings => _settings;

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    public Task<AdminResult> RunAsync(params string[] arguments) => AdminProcess.RunAsync(_settings, arguments);

    /// <summary>Runs what a test needs to be there, and gives what it printed.</summary>
    public async Task<string> DoneAsync(params string[] arguments)
    {
        AdminResult result = await RunAsync(arguments);
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        return result.Output;
    }

    /// <summary>Puts an assignment there as the API would, without taking a seat.</summary>
    public Task AssignAsync(Assignment assignment) =>
        Get<Tables>().Assignments.AddEntityAsync(AssignmentRows.ByUser(assignment));

    public void Dispose() => _services.Dispose();
}
