using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace FunctionsHost;

/// <summary>A worker process, started according to the app's <c>worker.config.json</c>.</summary>
internal sealed class WorkerProcess : IDisposable
{
    private readonly Process _process;

    private WorkerProcess(Process process, Action<string> print)
    {
        _process = process;
        DataReceivedEventHandler received = (_, line) =>
        {
            if (line.Data is { } text)
            {
                print(text);
            }
        };
        process.OutputDataReceived += received;
        process.ErrorDataReceived += received;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        Ended = EndAsync();
    }

    public int Id => _process.Id;

    /// <summary>Completes with its exit code.</summary>
    public Task<int> Ended { get; }

    /// <param name="settings">The app settings, as environment variables.</param>
    /// <param name="print">Receives each line of its output.</param>
    public static WorkerProcess Start(string appFolder, Uri grpc, string workerId, IReadOnlyDictionary<string, string?> settings, Action<string> print)
    {
        using JsonDocument config = JsonDocument.Parse(File.ReadAllText(Path.Combine(appFolder, "worker.config.json")));
        JsonElement description = config.RootElement.GetProperty("description");
        string requestId = Guid.NewGuid().ToString();
        ProcessStartInfo start = new(description.GetProperty("defaultExecutablePath").GetString()!)
        {
            WorkingDirectory = appFolder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList =
            {
                Path.Combine(appFolder, description.GetProperty("defaultWorkerPath").GetString()!),
                "--host", grpc.Host, "--port", grpc.Port.ToString(CultureInfo.InvariantCulture),
                "--workerId", workerId, "--requestId", requestId, "--grpcMaxMessageLength", "2147483647",
                "--functions-uri", grpc.ToString(), "--functions-worker-id", workerId,
                "--functions-request-id", requestId, "--functions-grpc-max-message-length", "2147483647",
            },
        };
        start.Environment["FUNCTIONS_WORKER_DIRECTORY"] = appFolder;
        start.Environment["FUNCTIONS_APPLICATION_DIRECTORY"] = appFolder;
        start.Environment["FUNCTIONS_WORKER_RUNTIME"] = "dotnet-isolated";
        foreach ((string name, string? value) in settings)
        {
            start.Environment[name] = value;
        }

        return new WorkerProcess(Process.Start(start)!, print);
    }

    /// <summary>Asks it to exit, as the system does (SIGTERM).</summary>
    public void Terminate()
    {
        if (!_process.HasExited)
        {
            // The shell's built-in kill, because not every machine has the program.
            using Process kill = Process.Start("sh", ["-c", string.Create(CultureInfo.InvariantCulture, $"kill -TERM {_process.Id}")]);
            kill.WaitForExit();
        }
    }

    public void Kill()
    {
        if (!Ended.IsCompleted)
        {
            _process.Kill();
        }
    }

    public void Dispose() => _process.Dispose();

    private async Task<int> EndAsync()
    {
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }
}
