using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Xunit;

[assembly: AssemblyFixture(typeof(Admin.Tests.TemporaryAzurite))]

namespace Admin.Tests;

/// <summary>A table service in memory, started from the file that AZURITE_MAIN names; one for all tests.</summary>
public sealed class TemporaryAzurite : IAsyncLifetime
{
    private Process? _process;
    private int _prefixes;

    public string ConnectionString { get; private set; } = "";

    /// <summary>For table names that no other test uses.</summary>
    public string NewPrefix() => $"t{Interlocked.Increment(ref _prefixes)}x";

    public async ValueTask InitializeAsync()
    {
        string main = Environment.GetEnvironmentVariable("AZURITE_MAIN")
            ?? throw new InvalidOperationException("Set AZURITE_MAIN to the path of azurite/dist/src/table/main.js.");
        int port = FreePort();
        _process = Process.Start(new ProcessStartInfo("node")
        {
            ArgumentList =
            {
                main, "--inMemoryPersistence", "--tablePort", $"{port}", "--silent", "--skipApiVersionCheck", "--disableTelemetry",
            },
            RedirectStandardOutput = true,
            WorkingDirectory = Path.GetTempPath(),
        })!;
        string? line;
        do
        {
            line = await _process.StandardOutput.ReadLineAsync()
                ?? throw new InvalidOperationException("Azurite ended before it listened.");
        }
        while (!line.Contains("successfully", StringComparison.Ordinal));

        // The account and key that every Azurite has.
        ConnectionString = "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;"
            + "AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==;"
            + $"TableEndpoint=http://127.0.0.1:{port}/devstoreaccount1";
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
            _process.Dispose();
        }
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
