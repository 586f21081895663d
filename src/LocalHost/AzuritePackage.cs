using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace LocalHost;

/// <summary>Installs Azurite from npm on first use, in the version pinned by <c>src/LocalHost/azurite</c>.</summary>
internal static class AzuritePackage
{
    /// <summary>The minimum Node.js version, as in <c>engines</c> of its package.json.</summary>
    private const int OldestNode = 20;

    private static readonly TimeSpan LockPoll = TimeSpan.FromMilliseconds(200);

    private static string Folder => Path.Combine(Workspace.Root, "src", "LocalHost", "azurite");

    /// <summary>Installs what <c>start.cjs</c> needs and returns its folder.</summary>
    public static async Task<string> InstallAsync(CancellationToken cancellationToken)
    {
        await CheckNodeAsync(cancellationToken);
        if (!IsInstalled())
        {
            using FileStream _ = await LockAsync(cancellationToken);
            if (!IsInstalled())
            {
                Console.WriteLine("Installing Azurite from npm. This takes about 30 seconds and happens only once.");
                await RunAsync(OperatingSystem.IsWindows() ? "npm.cmd" : "npm", ["ci", "--no-audit", "--no-fund"], cancellationToken);
                File.Copy(LockFile, InstalledLockFile, overwrite: true);
            }
        }

        return Folder;
    }

    private static string LockFile => Path.Combine(Folder, "package-lock.json");

    /// <summary>A copy of the lock file, made after a complete installation.</summary>
    private static string InstalledLockFile => Path.Combine(Folder, "node_modules", ".installed.json");

    private static bool IsInstalled() =>
        File.Exists(InstalledLockFile) && File.ReadAllBytes(InstalledLockFile).AsSpan().SequenceEqual(File.ReadAllBytes(LockFile));

    private static async Task CheckNodeAsync(CancellationToken cancellationToken)
    {
        string version = (await RunAsync("node", ["--version"], cancellationToken)).Trim();
        if (!int.TryParse(version.TrimStart('v').Split('.')[0], CultureInfo.InvariantCulture, out int major) || major < OldestNode)
        {
            throw new PrerequisiteException(
                $"Azurite needs Node.js {OldestNode} or later and `node` is {version}: install a newer version (https://nodejs.org), or set Tables__ConnectionString to a storage account and pass --Azurite=false.");
        }
    }

    /// <summary>Lets one process install at a time; the others wait and find it installed.</summary>
    private static async Task<FileStream> LockAsync(CancellationToken cancellationToken)
    {
        string folder = Directory.CreateDirectory(Path.Combine(Workspace.Root, ".data")).FullName;
        while (true)
        {
            try
            {
                return new FileStream(Path.Combine(folder, "install.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                await Task.Delay(LockPoll, cancellationToken);
            }
        }
    }

    private static async Task<string> RunAsync(string tool, string[] arguments, CancellationToken cancellationToken)
    {
        ProcessStartInfo start = new(tool, arguments)
        {
            WorkingDirectory = Folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Start(start);
        try
        {
            process.StandardInput.Close();
            Task<string> output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            Task<string> errors = process.StandardError.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return process.ExitCode == 0
                ? await output
                : throw new PrerequisiteException(
                    $"`{tool} {string.Join(' ', arguments)}` failed in {Folder}: run it there to see why. {FirstError(await errors)}");
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception)
        {
            throw new PrerequisiteException(
                $"`{start.FileName}` is not on the PATH, and Azurite needs it: install Node.js {OldestNode} or later (https://nodejs.org), or set Tables__ConnectionString to a storage account and pass --Azurite=false.");
        }
    }

    /// <summary>The first error line of npm.</summary>
    private static string FirstError(string errors) =>
        errors.Split('\n').FirstOrDefault(line => line.StartsWith("npm error", StringComparison.Ordinal))?.Trim() ?? "";
}
