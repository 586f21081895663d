using System.Globalization;
using LocalHost;
using Xunit;

namespace TestSupport;

/// <summary>An Azurite of the test run's own, in memory, on a free port; an assembly fixture.</summary>
public sealed class AzuriteFixture : IAsyncLifetime
{
    private Azurite? _azurite;
    private int _prefixes;

    public string ConnectionString =>
        _azurite?.ConnectionString ?? throw new InvalidOperationException("The fixture is not initialised.");

    /// <summary>A prefix of table names that nobody else has in this storage.</summary>
    public string NewPrefix() => string.Create(CultureInfo.InvariantCulture, $"T{Interlocked.Increment(ref _prefixes)}");

    /// <summary>Stops its process where it stands, and lets it go on afterwards.</summary>
    public async Task FreezeAsync(Func<Task> until)
    {
        Signal.Send(_azurite!.ProcessId, "STOP");
        try
        {
            await until();
        }
        finally
        {
            Signal.Send(_azurite.ProcessId, "CONT");
        }
    }

    public async ValueTask InitializeAsync() => _azurite = await Azurite.StartAsync(port: 0, folder: null, TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (_azurite is not null)
        {
            await _azurite.DisposeAsync();
        }
    }
}
