using System.Diagnostics;
using System.Reflection;

namespace Admin.Tests;

/// <summary>Runs the built command as a process of its own, with no settings but those given.</summary>
internal sealed class AdminProcess : IDisposable
{
    private static readonly string Admin = typeof(AdminProcess).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == "Admin").Value!;

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("admin-tests-");
    private readonly Process _process;
    private readonly Task<string> _output;
    private readonly Task<string> _error;

    private AdminProcess(IReadOnlyDictionary<string, string> environment, string? localSettings, string[] arguments)
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
        _process.StandardInput.Close();
        _output = _process.StandardOutput.ReadToEndAsync();
        _error = _process.StandardError.ReadToEndAsync();
    }

    public int Id => _process.Id;

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

    public async Task<AdminResult> EndAsync()
    {
        await _process.WaitForExitAsync();
        return new AdminResult(_process.ExitCode, await _output, await _error);
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
}

internal sealed record AdminResult(int ExitCode, string Output, string Error);
