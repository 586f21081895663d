using System.Diagnostics;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace FunctionsHost;

/// <summary>The published function app of this repository, published once for the current sources, on first use.</summary>
public static class PublishedApp
{
    private static readonly string Root = typeof(PublishedApp).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(metadata => metadata.Key == "RepositoryRoot").Value!;

    private static readonly Lazy<Task<string>> Folder = new(PublishAsync);

    /// <summary>The folder that <c>.ci/publish</c> publishes to; publishes now if the sources have changed.</summary>
    public static Task<string> FolderAsync(CancellationToken cancellationToken) => Folder.Value.WaitAsync(cancellationToken);

    private static async Task<string> PublishAsync()
    {
        string folder = Path.Combine(Root, ".data", "published");
        string stamp = Path.Combine(folder, ".sources");
        Directory.CreateDirectory(Path.Combine(Root, ".data"));
        using FileStream one = await LockAsync(Path.Combine(Root, ".data", "publish.lock"));
        string sources = await SourcesAsync();
        if (!File.Exists(stamp) || await File.ReadAllTextAsync(stamp) != sources)
        {
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }

            await RunAsync("dotnet", ["publish", Path.Combine("src", "Functions"), "-c", "Release", "-o", folder, "-nologo"]);
            await File.WriteAllTextAsync(stamp, sources);
        }

        return folder;
    }

    /// <summary>Lets one process publish at a time; the others wait and find it published.</summary>
    private static async Task<FileStream> LockAsync(string path)
    {
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200));
            }
        }
    }

    /// <summary>A hash of everything in this repository that a publish reads.</summary>
    private static async Task<string> SourcesAsync()
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        IEnumerable<string> files = Directory.EnumerateFiles(Root)
            .Concat(Directory.EnumerateFiles(Path.Combine(Root, "src"), "*", SearchOption.AllDirectories))
            .Where(path => Path.GetExtension(path) is ".cs" or ".csproj" or ".props" or ".json")
            .Where(path => !path.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal)
                && !path.Contains($"{Path.DirectorySeparatorChar}bin{Path.DirectorySeparatorChar}", StringComparison.Ordinal)
                && !path.Contains($"{Path.DirectorySeparatorChar}node_modules{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal);
        foreach (string file in files)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(file));
            hash.AppendData(await File.ReadAllBytesAsync(file));
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }

    private static async Task RunAsync(string tool, string[] arguments)
    {
        ProcessStartInfo start = new(tool, arguments) { WorkingDirectory = Root, RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"`{tool} {string.Join(' ', arguments)}` failed:\n{await output}\n{await errors}");
        }
    }
}
