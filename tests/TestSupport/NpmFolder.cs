namespace TestSupport;

/// <summary>A folder with a package-lock.json. Its packages are installed on first use, without running their scripts.</summary>
public sealed class NpmFolder(string path)
{
    private readonly Lazy<Task> _installed = new(() => InstallAsync(path));

    public string Path => path;

    /// <summary>Waits until its packages are there.</summary>
    public Task InstalledAsync() => _installed.Value;

    /// <summary>Runs a program in the folder, with its packages there.</summary>
    public async Task<CommandResult> RunAsync(
        string program, IEnumerable<string> arguments, CancellationToken cancellationToken, params (string Name, string Value)[] environment)
    {
        await InstalledAsync();
        return await Command.RunAsync(program, arguments, path, cancellationToken, environment);
    }

    private static async Task InstallAsync(string path)
    {
        string lockFile = await File.ReadAllTextAsync(System.IO.Path.Combine(path, "package-lock.json"));
        string installed = System.IO.Path.Combine(path, "node_modules", ".installed.json");
        if (!File.Exists(installed) || await File.ReadAllTextAsync(installed) != lockFile)
        {
            CommandResult result = await Command.RunAsync(
                "npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], path, CancellationToken.None);
            result.Succeeded();
            await File.WriteAllTextAsync(installed, lockFile);
        }
    }
}
