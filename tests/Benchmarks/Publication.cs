using System.Diagnostics;
using System.Runtime.InteropServices;
using FunctionsHost;
using LocalHost;

namespace Benchmarks;

/// <summary>The published programs to measure: ReadyToRun, for this machine, on the shared runtime.</summary>
/// <param name="LocalHost">A program, like <paramref name="EmptyApp"/>.</param>
/// <param name="Worker">A folder, like <paramref name="EmptyWorker"/>.</param>
internal sealed record Publication(string LocalHost, string EmptyApp, string Worker, string EmptyWorker)
{
    public static async Task<Publication> MakeAsync() => new(
        await PublishAsync("src/LocalHost", "LocalHost"),
        await PublishAsync("tests/Benchmarks/EmptyApp", "EmptyApp"),
        await PublishedApp.FolderAsync(CancellationToken.None),
        Path.GetDirectoryName(await PublishAsync("tests/Benchmarks/EmptyWorker", "EmptyWorker"))!);

    private static async Task<string> PublishAsync(string project, string name)
    {
        // A separate build folder, so that the repository's own output is not touched.
        string folder = Path.Combine(Workspace.Root, ".data", "benchmarks", name);
        string[] command =
        [
            "publish", project, "--configuration", "Release", "--runtime", RuntimeInformation.RuntimeIdentifier, "--self-contained", "false",
            "--artifacts-path", folder, "--output", Path.Combine(folder, "publish"), "--nologo", "--verbosity", "quiet",
            "-p:PublishReadyToRun=true",
            // This restores for one runtime, unlike the repository's own builds.
            "-p:NuGetLockFilePath=obj/benchmarks.lock.json",
        ];
        using Process process = Process.Start(new ProcessStartInfo("dotnet", command) { WorkingDirectory = Workspace.Root })!;
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? Path.Combine(folder, "publish", name)
            : throw new InvalidOperationException($"`dotnet {string.Join(' ', command)}` failed: see above.");
    }
}
