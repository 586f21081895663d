using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Benchmarks;

/// <summary>A server under measurement, a process of its own on a free port.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private static int _lastPort = 23_000 + (Environment.ProcessId % 50 * 100);

    private readonly Process _process;

    private ServerProcess(Process process, int port) => (_process, Port) = (process, port);

    public int Port { get; }

    /// <summary>User and system time, as the operating system has counted them.</summary>
    public TimeSpan Cpu
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    public long WorkingSet
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>Starts a program that takes <c>--urls</c> and prints a line that begins with "ready" once it listens.</summary>
    public static async Task<ServerProcess> StartAsync(string program, IEnumerable<string> args)
    {
        int port = FreePort();
        ProcessStartInfo start = new(program, [.. args, $"--urls=http://127.0.0.1:{port}"])
        {
            RedirectStandardOutput = true,
            WorkingDirectory = Path.GetDirectoryName(program),
        };
        Process process = Process.Start(start)!;
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("ready", StringComparison.OrdinalIgnoreCase))
            {
                _ = process.StandardOutput.ReadToEndAsync();
                return new ServerProcess(process, port);
            }
        }

        throw new InvalidOperationException($"{program} ended before it was ready: see above.");
    }

    /// <summary>Starts LocalHost inside this program, on tables that are there already.</summary>
    public static Task<ServerProcess> ServeAsync(string connectionString, string prefix, int delay, bool countRows = false) => StartAsync(
        Environment.ProcessPath!,
        [Server.Verb, delay.ToString(CultureInfo.InvariantCulture), countRows ? "rows" : "calls", .. Settings(connectionString, prefix)]);

    /// <summary>LocalHost's settings to serve these tables and do nothing of its own beside.</summary>
    public static string[] Settings(string connectionString, string prefix) =>
    [
        "--Azurite=false",
        "--Demo=false",
        $"--Tables:ConnectionString={connectionString}",
        $"--Tables:Prefix={prefix}",
        $"--contentRoot={AppContext.BaseDirectory}",
        // Counted as always, but never held up.
        "--PublicCheck:RequestsPerMinute=2000000000",
    ];

    /// <summary>What the server says of itself: bytes allocated, storage calls, rows read, since it started.</summary>
    public async Task<(long Allocated, long Calls, long Rows)> MeasuredAsync()
    {
        using HttpCaller caller = new(Port);
        string[] numbers = (await caller.SendAsync(HttpCaller.Request("GET", Server.Measured), 200)).Split(' ');
        return (Number(numbers[0]), Number(numbers[1]), Number(numbers[2]));

        static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static int FreePort()
    {
        while (true)
        {
            int port = ++_lastPort;
            try
            {
                using TcpListener listener = new(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // In use; try the next one.
            }
        }
    }
}
