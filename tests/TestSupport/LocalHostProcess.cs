using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace TestSupport;

/// <summary>LocalHost as a separate process. It listens on a free port and by default does not limit checks.</summary>
public sealed partial class LocalHostProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly bool _likeTerminal;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _ended;

    private LocalHostProcess(Process process, bool likeTerminal)
    {
        _process = process;
        _likeTerminal = likeTerminal;
        _ended = Task.WhenAll(
            CollectAsync(process.StandardOutput, _output),
            CollectAsync(process.StandardError, _errors),
            process.WaitForExitAsync());
    }

    public string Output => Read(_output);

    public string Errors => Read(_errors);

    /// <param name="environment">Overrides the environment of this process; null removes a variable.</param>
    /// <param name="likeTerminal">
    /// Starts it in its own process group, all of which <see cref="Signal"/> then signals, as Ctrl-C in a terminal does.
    /// SIGINT then works even if the test run itself runs in the background and ignores it. Linux only.
    /// </param>
    public static LocalHostProcess Start(
        IEnumerable<string> args, IReadOnlyDictionary<string, string?>? environment = null, bool likeTerminal = false)
    {
        string[] command =
            ["dotnet", Path.Combine(AppContext.BaseDirectory, "LocalHost.dll"), "--urls=http://127.0.0.1:0", "--PublicCheck:RequestsPerMinute=0", $"--contentRoot={AppContext.BaseDirectory}", .. args];
        ProcessStartInfo start = likeTerminal ? new("setsid", ["env", "--default-signal=INT", .. command]) : new(command[0], command[1..]);
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        foreach ((string name, string? value) in environment ?? new Dictionary<string, string?>())
        {
            start.Environment[name] = value;
        }

        return new LocalHostProcess(Process.Start(start)!, likeTerminal);
    }

    /// <summary>Waits until it has printed that it is ready; returns its address.</summary>
    public async Task<Uri> ReadyAsync(CancellationToken cancellationToken)
    {
        if (await Task.WhenAny(_ready.Task, _ended).WaitAsync(cancellationToken) == _ended)
        {
            throw new InvalidOperationException($"LocalHost ended with exit code {_process.ExitCode} instead.\n{Output}\n{Errors}");
        }

        return new Uri(Ready().Match(Output).Groups["url"].Value);
    }

    /// <summary>Waits until it has exited; returns its exit code.</summary>
    public async Task<int> ExitCodeAsync(CancellationToken cancellationToken)
    {
        await _ended.WaitAsync(cancellationToken);
        return _process.ExitCode;
    }

    /// <param name="signal">The name without SIG: TERM, KILL; INT if it was started as from a terminal.</param>
    public void Signal(string signal) => TestSupport.Signal.Send(_likeTerminal ? -_process.Id : _process.Id, signal);

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            // This also ends Azurite, whose standard input closes.
            _process.Kill();
        }

        await _ended;
        _process.Dispose();
    }

    private async Task CollectAsync(StreamReader reader, StringBuilder lines)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            lock (lines)
            {
                lines.AppendLine(line);
            }

            if (Ready().IsMatch(line))
            {
                _ready.TrySetResult();
            }
        }
    }

    private static string Read(StringBuilder lines)
    {
        lock (lines)
        {
            return lines.ToString();
        }
    }

    [GeneratedRegex("^Ready on (?<url>[^;,]+)", RegexOptions.Multiline)]
    private static partial Regex Ready();
}
