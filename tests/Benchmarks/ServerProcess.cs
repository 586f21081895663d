using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using FunctionsHost;
using Microsoft.AspNetCore.Builder;

namespace Benchmarks;

/// <summary>A server to measure, as a separate process on a free port.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    /// <summary>The variable that tells <see cref="StartupHook"/> where to listen.</summary>
    public const string HookPort = "BENCHMARKS_HOOK_PORT";

    private static int _lastPort = 23_000 + (Environment.ProcessId % 50 * 100);

    private readonly Process _process;

    /// <summary>Ends the server; null for a process that is killed.</summary>
    private readonly IAsyncDisposable? _host;

    private readonly int _hookPort;

    private ServerProcess(Process process, int port, IAsyncDisposable? host = null, int hookPort = 0) =>
        (_process, Port, _host, _hookPort) = (process, port, host, hookPort);

    public int Port { get; }

    /// <summary>User and system time, according to the operating system.</summary>
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
    /// <param name="hooked">Whether to measure its CPU and allocations: threads do not spin, and <see cref="StartupHook"/> is loaded.</param>
    public static async Task<ServerProcess> StartAsync(string program, IEnumerable<string> args, bool hooked = false)
    {
        int port = FreePort();
        int hookPort = hooked ? FreePort() : 0;
        ProcessStartInfo start = new(program, [.. args, $"--urls=http://127.0.0.1:{port}"])
        {
            RedirectStandardOutput = true,
            WorkingDirectory = Path.GetDirectoryName(program),
        };
        foreach ((string name, string value) in hooked ? Hook(hookPort) : [])
        {
            start.Environment[name] = value;
        }

        Process process = Process.Start(start)!;
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("ready", StringComparison.OrdinalIgnoreCase))
            {
                _ = process.StandardOutput.ReadToEndAsync();
                return new ServerProcess(process, port, hookPort: hookPort);
            }
        }

        throw new InvalidOperationException($"{program} ended before it was ready: see above.");
    }

    /// <summary>Starts a published worker under a test host in this process, which has the port; only the worker is measured.</summary>
    /// <param name="settings">App settings.</param>
    /// <param name="hooked">Whether to measure its CPU and allocations: threads do not spin, and <see cref="StartupHook"/> is loaded.</param>
    public static async Task<ServerProcess> StartWorkerAsync(string appFolder, (string Name, string Value)[] settings, bool hooked = false)
    {
        int hookPort = hooked ? FreePort() : 0;
        Dictionary<string, string?> environment = settings.Concat(hooked ? Hook(hookPort) : []).ToDictionary(setting => setting.Name, setting => (string?)setting.Value);
        WorkerHost host = await WorkerHost.StartAsync(appFolder, port: 0, environment, CancellationToken.None);
        return new ServerProcess(Process.GetProcessById(host.WorkerProcessId), host.Address.Port, host, hookPort);
    }

    /// <summary>Starts LocalHost in this process, on tables in its memory.</summary>
    public static async Task<ServerProcess> ServeHereAsync(World world)
    {
        int port = FreePort();
        WebApplication app = Server.Create(
            [.. Settings(world.ConnectionString, world.Prefix), $"--urls=http://127.0.0.1:{port}"], new StorageCalls(TimeSpan.Zero) { CountRows = true }, world.Memory);
        await app.StartAsync();
        return new ServerProcess(Process.GetCurrentProcess(), port, app);
    }

    /// <summary>Starts LocalHost in this process, on existing tables.</summary>
    public static Task<ServerProcess> ServeAsync(string connectionString, string prefix, int delay, bool countRows = false) => StartAsync(
        Environment.ProcessPath!,
        [Server.Verb, delay.ToString(CultureInfo.InvariantCulture), countRows ? "rows" : "calls", .. Settings(connectionString, prefix)]);

    /// <summary>LocalHost's settings to serve these tables, without Azurite and demo.</summary>
    public static string[] Settings(string connectionString, string prefix) =>
    [
        "--Azurite=false",
        "--Demo=false",
        $"--Tables:ConnectionString={connectionString}",
        $"--Tables:Prefix={prefix}",
        $"--contentRoot={AppContext.BaseDirectory}",
        // Counts calls without delaying them.
        "--PublicCheck:RequestsPerMinute=2000000000",
    ];

    /// <summary>The worker's settings to serve these tables.</summary>
    /// <param name="connectionString">The address of the tables; null for the world's own.</param>
    public static (string Name, string Value)[] WorkerSettings(World world, string? connectionString = null) =>
    [
        ("Tables__ConnectionString", connectionString ?? world.ConnectionString),
        ("Tables__Prefix", world.Prefix),
        ("PublicCheck__RequestsPerMinute", "2000000000"),
    ];

    /// <summary>The server's own counts since its start: bytes allocated, storage calls, rows read.</summary>
    public async Task<(long Allocated, long Calls, long Rows)> MeasuredAsync()
    {
        using HttpCaller caller = new(Port);
        string[] numbers = (await caller.SendAsync(HttpCaller.Request("GET", Server.Measured), 200)).Split(' ');
        return (Number(numbers[0]), Number(numbers[1]), Number(numbers[2]));

        static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
    }

    /// <summary>Bytes allocated by a hooked server since its start.</summary>
    public async Task<long> AllocatedAsync()
    {
        using TcpClient hook = new();
        await hook.ConnectAsync(IPAddress.Loopback, _hookPort);
        using StreamReader reader = new(hook.GetStream());
        return long.Parse(await reader.ReadToEndAsync(), CultureInfo.InvariantCulture);
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is null)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }
        else
        {
            await _host.DisposeAsync();
        }

        _process.Dispose();
    }

    private static (string Name, string Value)[] Hook(int port) =>
    [
        ("DOTNET_STARTUP_HOOKS", typeof(StartupHook).Assembly.Location),
        (HookPort, port.ToString(CultureInfo.InvariantCulture)),
        // As in this program: idle threads sleep, so that CPU time is work.
        ("DOTNET_ThreadPool_UnfairSemaphoreSpinLimit", "0"),
    ];

    public static int FreePort()
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
                // The port is in use: try the next one.
            }
        }
    }
}
