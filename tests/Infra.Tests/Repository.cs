using System.Diagnostics;
using System.Reflection;

namespace Infra.Tests;

/// <summary>The repository that these tests were built in.</summary>
internal static class Repository
{
    public static string Root { get; } = Metadata("Repository");

    public static string PathOf(params string[] path) => Path.Combine([Root, .. path]);

    public static string Metadata(string key) => typeof(Repository).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == key).Value!;

    /// <summary>Runs a command and waits for its end.</summary>
    /// <param name="environment">Overrides this process's environment.</param>
    /// <param name="input">The standard input of the command.</param>
    public static async Task<CommandResult> RunAsync(
        string command, IEnumerable<string> arguments, string? folder = null, IReadOnlyDictionary<string, string>? environment = null, string input = "")
    {
        ProcessStartInfo start = new(command, arguments)
        {
            WorkingDirectory = folder ?? Root,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        return new CommandResult(process.ExitCode, await output, await error);
    }
}

internal sealed record CommandResult(int ExitCode, string Output, string Error);
