using System.Diagnostics;
using System.Globalization;

namespace LocalHost;

/// <summary>A running table service of Azurite, the emulator of Azure Storage.</summary>
public sealed class Azurite : IAsyncDisposable
{
    /// <summary>The port that <c>UseDevelopmentStorage=true</c> refers to.</summary>
    public const int DefaultPort = 10002;

    /// <summary>The well-known account and key of every emulator; not a secret.</summary>
    private const string Account = "AccountName=devstoreaccount1;AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(10);

    private readonly Process _process;
    private int _stopping;

    private Azurite(Process process, int port, Task ended)
    {
        _process = process;
        Ended = ended;
        ConnectionString = ConnectionStringOf(port);
    }

    public string ConnectionString { get; }

    public int ProcessId => _process.Id;

    /// <summary>Completes when the process has ended for any reason.</summary>
    public Task Ended { get; }

    /// <summary>Returns the connection string of an Azurite on this machine.</summary>
    public static string ConnectionStringOf(int port) =>
        string.Create(CultureInfo.InvariantCulture, $"DefaultEndpointsProtocol=http;{Account};TableEndpoint=http://127.0.0.1:{port}/devstoreaccount1;");

    /// <summary>Installs Azurite if necessary, starts it and waits until it is ready.</summary>
    /// <param name="port">The port on 127.0.0.1; 0 selects a free one.</param>
    /// <param name="folder">The folder for its data; null keeps the data in memory.</param>
    /// <exception cref="PrerequisiteException">Node.js is missing, or the port is in use.</exception>
    public static async Task<Azurite> StartAsync(int port, string? folder, CancellationToken cancellationToken)
    {
        string package = await AzuritePackage.InstallAsync(cancellationToken);
        ProcessStartInfo start = new("node")
        {
            WorkingDirectory = package,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList = { "start.cjs", port.ToString(CultureInfo.InvariantCulture) },
        };
        if (folder is not null)
        {
            start.ArgumentList.Add(Directory.CreateDirectory(folder).FullName);
        }

        Process process = Process.Start(start)!;
        try
        {
            Task<string> errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
            string? address = await process.StandardOutput.ReadLineAsync(cancellationToken);
            return address is null
                ? throw new PrerequisiteException($"Azurite did not start: {FirstLine(await errors)}")
                : new Azurite(process, new Uri(address).Port, process.WaitForExitAsync(CancellationToken.None));
        }
        catch
        {
            process.Kill();
            process.Dispose();
            throw;
        }
    }

    /// <summary>Makes Azurite save its data and exit.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _stopping, 1) == 1)
        {
            return;
        }

        _process.StandardInput.Close();
        try
        {
            await Ended.WaitAsync(StopTimeout);
        }
        catch (TimeoutException)
        {
            _process.Kill();
            await Ended;
        }

        _process.Dispose();
    }

    private static string FirstLine(string text) => text.Split('\n', 2)[0].Trim();
}
