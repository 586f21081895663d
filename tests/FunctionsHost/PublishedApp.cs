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

    private static readonly Lazy<Task<string>> Folder = new(() => Task.Run(Publish));

    /// <summary>The folder that <c>.ci/publish</c> publishes to; publishes now if the sources have changed.</summary>
    public static Task<string> FolderAsync(CancellationToken cancellationToken) => Folder.Value.WaitAsync(cancellationToken);

    /// <summary>One process publishes at a time; the others wait and find it published.</summary>
    private static string Publish()
    {
        string folder = Path.Combine(Root, ".data", "published");
        string stamp = Path.Combine(folder, ".sources");
        using Mutex one = new(initiallyOwned: false, $"published-{Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(Root)))}");
        Wait(one);
        try
        {
            string sources = Sources();
            if (!File.Exists(stamp) || File.ReadAllText(stamp) != sources)
            {
                if (Directory.Exists(folder))
                {
                    Directory.Delete(folder, recursive: true);
                }

                Run("dotnet", ["publish", Path.Combine("src", "Functions"), "-c", "Release", "-o", folder, "-nologo"]);
                File.WriteAllText(stamp, sources);
            }
        }
        finally
        {
            one.ReleaseMutex();
        }

        return folder;
    }

    private static void Wait(Mutex one)
    {
        try
        {
            one.WaitOne();
        }
        catch (AbandonedMutexException)
        {
            // The process that published was ended; without its stamp this one publishes again.
        }
    }

    /// <summary>A hash of everything in this repository that a publish reads.</summary>
    private static string Sources()
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
            hash.AppendData(File.ReadAllBytes(file));
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }

    private static void Run(string tool, string[] arguments)
    {
        ProcessStartInfo start = new(tool, arguments) { WorkingDirectory = Root, RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"`{tool} {string.Join(' ', arguments)}` failed:\n{output.Result}\n{errors.Result}");
        }
    }
}
