using System.Globalization;
using LocalHost;
using Xunit;

namespace TestSupport;

/// <summary>The test run's own Azurite, in memory and on a free port; an assembly fixture.</summary>
public sealed class AzuriteFixture : IAsyncLifetime
{
    private Azurite? _azurite;
    private int _prefixes;

    public string ConnectionString =>
        _azurite?.ConnectionString ?? throw new InvalidOperationException("The fixture is not initialized.");

    /// <summary>A table prefix that nothing else uses in this storage.</summary>
    public string NewPrefix() => string.Create(CultureInfo.InvariantCulture, $"T{Interlocked.Increment(ref _prefixes)}");

    /// <summary>Freezes the process and lets it continue afterwards.</summary>
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
