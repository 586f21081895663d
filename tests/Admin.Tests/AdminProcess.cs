using System.Diagnostics;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using TestSupport;

namespace Admin.Tests;

/// <summary>Runs the built command as a separate process, with only the given settings.</summary>
internal sealed partial class AdminProcess : IDisposable
{
    public static readonly string Admin = typeof(AdminProcess).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == "Admin").Value!;

    private static readonly string Dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("admin-tests-");
    private readonly Process _process;
    private readonly Task<string> _output;
    private readonly Task<string> _error;

    private AdminProcess(
        IReadOnlyDictionary<string, string> environment, string? localSettings, string[] arguments, byte[]? input = null, string? shell = null, bool keepInput = false)
    {
        if (localSettings is not null)
        {
            File.WriteAllText(Path.Combine(_directory.FullName, "local.settings.json"), localSettings);
        }

        string[] command = shell is null ? [Dotnet, Admin] : ["sh", "-c", shell, "sh", Dotnet, Admin];
        // Background jobs of a shell ignore SIGINT, and so would their children.
        ProcessStartInfo start = new("env", ["--default-signal=INT", .. command])
        {
            WorkingDirectory = _directory.FullName,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (string inherited in start.Environment.Keys.Where(IsSetting).ToArray())
        {
            start.Environment.Remove(inherited);
        }

        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        _process = Process.Start(start)!;
        if (!keepInput)
        {
            _process.StandardInput.BaseStream.Write(input);
            _process.StandardInput.Close();
        }

        _output = _process.StandardOutput.ReadToEndAsync();
        _error = _process.StandardError.ReadToEndAsync();
    }

    /// <summary>The storage that the command said it would change, or null. Available once it has ended.</summary>
    public string? Storage { get; private set; }

    /// <summary>Writes more to standard input than a pipe holds, which completes only once the command has read some of it.</summary>
    public async Task WriteUntilReadAsync()
    {
        await _process.StandardInput.BaseStream.WriteAsync(new byte[1024 * 1024]);
        await _process.StandardInput.BaseStream.FlushAsync();
    }

    public void Interrupt() => Signal.Send(_process.Id, "INT");

    public static AdminProcess Start(IReadOnlyDictionary<string, string> environment, params string[] arguments) =>
        new(environment, localSettings: null, arguments);

    /// <summary>Starts it with a standard input that stays open and empty.</summary>
    public static AdminProcess StartWaitingForInput(IReadOnlyDictionary<string, string> environment, params string[] arguments) =>
        new(environment, localSettings: null, arguments, keepInput: true);

    /// <param name="script">A POSIX shell script, in which <c>"$@"</c> is the command.</param>
    public static async Task<AdminResult> RunInShellAsync(
        IReadOnlyDictionary<string, string> environment, string script, params string[] arguments)
    {
        using AdminProcess process = new(environment, localSettings: null, arguments, shell: script);
        return await process.EndAsync();
    }

    public static async Task<AdminResult> RunAsync(IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        using AdminProcess process = new(environment, localSettings: null, arguments);
        return await process.EndAsync();
    }

    public static async Task<AdminResult> RunAsync(
        IReadOnlyDictionary<string, string> environment, string localSettings, string[] arguments)
    {
        using AdminProcess process = new(environment, localSettings, arguments);
        return await process.EndAsync();
    }

    public static Task<AdminResult> RunWithInputAsync(
        IReadOnlyDictionary<string, string> environment, string input, params string[] arguments) =>
        RunWithInputAsync(environment, Encoding.UTF8.GetBytes(input), arguments);

    public static async Task<AdminResult> RunWithInputAsync(
        IReadOnlyDictionary<string, string> environment, byte[] input, params string[] arguments)
    {
        using AdminProcess process = new(environment, localSettings: null, arguments, input);
        return await process.EndAsync();
    }

    public async Task<AdminResult> EndAsync()
    {
        await _process.WaitForExitAsync();
        string error = await _error;
        if (StorageLine().Match(error) is { Success: true } line)
        {
            (Storage, error) = (line.Groups["storage"].Value, error[line.Length..]);
        }

        return new AdminResult(_process.ExitCode, await _output, error);
    }

    private static bool IsSetting(string variable) =>
        variable.StartsWith("Tables__", StringComparison.Ordinal) || variable.EndsWith("_PROXY", StringComparison.OrdinalIgnoreCase);

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
        _directory.Delete(recursive: true);
    }

    [GeneratedRegex(@"\AStorage: (?<storage>[^\n]+)\n")]
    private static partial Regex StorageLine();
}

/// <param name="Error">Standard error without the line that names the storage to be changed.</param>
internal sealed record AdminResult(int ExitCode, string Output, string Error);
