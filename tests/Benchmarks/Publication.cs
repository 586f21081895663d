using System.Diagnostics;
using System.Runtime.InteropServices;
using LocalHost;

namespace Benchmarks;

/// <summary>LocalHost and the empty Kestrel app, published the same way: ReadyToRun, for this machine, on the shared runtime.</summary>
internal sealed record Publication(string LocalHost, string EmptyApp)
{
    public static async Task<Publication> MakeAsync() => new(
        await PublishAsync("src/LocalHost", "LocalHost"), await PublishAsync("tests/Benchmarks/EmptyApp", "EmptyApp"));

    private static async Task<string> PublishAsync(string project, string name)
    {
        // A folder of its own for what it builds: the repository's own output stays as it is.
        string folder = Path.Combine(Workspace.Root, ".data", "benchmarks", name);
        string[] command =
        [
            "publish", project, "--configuration", "Release", "--runtime", RuntimeInformation.RuntimeIdentifier, "--self-contained", "false",
            "--artifacts-path", folder, "--output", Path.Combine(folder, "publish"), "--nologo", "--verbosity", "quiet",
            "-p:PublishReadyToRun=true",
        ];
        using Process process = Process.Start(new ProcessStartInfo("dotnet", command) { WorkingDirectory = Workspace.Root })!;
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? Path.Combine(folder, "publish", name)
            : throw new InvalidOperationException($"`dotnet {string.Join(' ', command)}` failed: see above.");
    }
}
