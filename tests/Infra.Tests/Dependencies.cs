using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Infra.Tests;

/// <summary>Every package that this repository restores, with its license.</summary>
internal static partial class Dependencies
{
    private static readonly string _packages = Repository.Metadata("Packages");

    /// <summary>Licenses of packages without a license field, and where they were read.</summary>
    private static readonly Dictionary<string, (string License, string ReadIn)> _read = new(StringComparer.OrdinalIgnoreCase)
    {
        ["dotnet-stryker 5.1.0"] = ("Apache-2.0", "its file LICENSE"),
        ["Microsoft.Azure.WebJobs.Host.Storage 3.0.14"] = ("MIT", "the repository Azure/azure-webjobs-sdk"),
        ["reserved 0.1.2"] = ("MIT", "its file LICENSE-MIT"),
        ["System.Security.Cryptography.ProtectedData 4.5.0"] = ("MIT", "its file LICENSE.TXT"),
        ["uri-templates 0.2.0"] = ("public domain", "its README"),
        ["WindowsAzure.Storage 9.3.1"] = ("Apache-2.0", "the repository Azure/azure-storage-net"),
    };

    /// <summary>Packages that the worker's SDK publishes for the Functions host, from a generated project.</summary>
    private static readonly Dependency[] _forTheHost =
    [
        new("published", "nuget", "Microsoft.Azure.WebJobs.Host.Storage", "3.0.14"),
        new("published", "nuget", "WindowsAzure.Storage", "9.3.1"),
    ];

    public static async Task<Dependency[]> ListAsync()
    {
        IEnumerable<Dependency> all = _forTheHost;
        string[] files = (await Repository.RunAsync("git", ["ls-files", "*lock.json"])).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        foreach (string file in files)
        {
            JsonNode content = await JsonAsync(file);
            string use = UseOf(file);
            all = all.Concat(content["packages"] is JsonObject npm ? NpmPackages(use, npm) : NuGetPackages(use, content["dependencies"]!.AsObject()));
        }

        JsonNode tools = await JsonAsync(".config/dotnet-tools.json");
        return [.. all
            .Concat(tools["tools"]!.AsObject().Select(tool => new Dependency("tests", "nuget", tool.Key, (string)tool.Value!["version"]!)))
            .GroupBy(each => (each.Source, Name: each.Name.ToUpperInvariant(), each.Version))
            .Select(same => same.MinBy(each => Array.IndexOf(Uses, each.Use))!)
            .Select(Licensed)
            .OrderBy(each => Array.IndexOf(Uses, each.Use)).ThenBy(each => each.Source, StringComparer.Ordinal)
            .ThenBy(each => each.Name, StringComparer.Ordinal).ThenBy(each => each.Version, StringComparer.Ordinal)];
    }

    /// <summary>The uses of packages, the most public first.</summary>
    private static string[] Uses { get; } = ["published", "command line", "LocalHost", "tests"];

    private static string UseOf(string file) => file.Split('/') switch
    {
        ["src", "Functions" or "Licensing", ..] => "published",
        ["src", "Admin", ..] => "command line",
        ["src", "LocalHost", ..] => "LocalHost",
        _ => "tests",
    };

    private static IEnumerable<Dependency> NuGetPackages(string use, JsonObject frameworks) =>
        from framework in frameworks
        from package in framework.Value!.AsObject()
        where (string)package.Value!["type"]! != "Project"
        select new Dependency(use, "nuget", package.Key, (string)package.Value!["resolved"]!);

    private static IEnumerable<Dependency> NpmPackages(string use, JsonObject packages) =>
        from package in packages
        where package.Key.Length > 0
        select new Dependency(use, "npm", package.Key.Split("node_modules/")[^1], (string)package.Value!["version"]!, (string?)package.Value["license"] ?? "");

    private static Dependency Licensed(Dependency package) => _read.TryGetValue($"{package.Name} {package.Version}", out var read)
        ? package with { License = read.License, ReadIn = read.ReadIn }
        : package with { License = package.Source == "npm" ? package.License : NuGetLicense(package) };

    private static string NuGetLicense(Dependency package)
    {
        string folder = Path.Combine(_packages, package.Name.ToLowerInvariant(), package.Version.ToLowerInvariant());
        return Directory.Exists(folder)
            ? Expression().Match(File.ReadAllText(Directory.EnumerateFiles(folder, "*.nuspec").Single())).Groups[1].Value
            : throw new InvalidOperationException($"{folder} is missing: run `dotnet restore` and `dotnet tool restore`.");
    }

    private static async Task<JsonNode> JsonAsync(string file) => JsonNode.Parse(await File.ReadAllTextAsync(Repository.PathOf(file)))!;

    [GeneratedRegex("<license type=\"expression\">([^<]+)</license>")]
    private static partial Regex Expression();
}

/// <param name="Use">What uses the package.</param>
/// <param name="License">The SPDX expression; empty if the package has none.</param>
/// <param name="ReadIn">Where the license was read manually, if there is no license field.</param>
internal sealed record Dependency(string Use, string Source, string Name, string Version, string License = "", string ReadIn = "")
{
    public string Row => $"{Use},{Source},{Name},{Version},{License},{ReadIn}";
}
