using System.Diagnostics;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using Testing;

namespace Admin.Tests;

/// <summary>Runs the built command as a process of its own, with no settings but those given.</summary>
internal sealed partial class AdminProcess : IDisposable
{
    public static readonly string Admin = typeof(AdminProcess).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == "Admin").Value!;

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("admin-tests-");
    private readonly Process _process;
    private readonly Task<string> _output;
    private readonly Task<string> _error;

    private AdminProcess(
        IReadOnlyDictionary<string, string> environment, string? localSettings, string[] arguments, byte[]? input = null)
    {
        if (localSettings is not null)
        {
            File.WriteAllText(Path.Combine(_directory.FullName, "local.settings.json"), localSettings);
        }

        ProcessStartInfo start = new(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            WorkingDirectory = _directory.FullName,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add(Admin);
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (string inherited in start.Environment.Keys.Where(name => name.StartsWith("Tables__", StringComparison.Ordinal)).ToArray())
        {
            start.Environment.Remove(inherited);
        }

        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        _process = Process.Start(start)!;
        _process.StandardInput.BaseStream.Write(input);
        _process.StandardInput.Close();
        _output = _process.StandardOutput.ReadToEndAsync();
        _error = _process.StandardError.ReadToEndAsync();
    }

    /// <summary>Which storage it said it is about to change, or null; once it has ended.</summary>
    public string? Storage { get; private set; }

    public void Interrupt() => Signal.Send(_process.Id, "INT");

    public static AdminProcess Start(IReadOnlyDictionary<string, string> environment, params string[] arguments) =>
        new(environment, localSettings: null, arguments);

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

/// <param name="Error">Without the line that says which storage is about to be changed.</param>
internal sealed record AdminResult(int ExitCode, string Output, string Error);
