using System.Text.Json.Nodes;
using FunctionsHost;
using Xunit;

namespace Infra.Tests;

/// <summary>The packages that this repository uses.</summary>
public sealed class SupplyChainTests : IDisposable
{
    private const string Header = "used by,source,package,version,license,declared in";

    /// <summary>Licenses compatible with distribution under the MIT license, with at most a notice.</summary>
    private static readonly string[] _compatible =
        ["MIT", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "0BSD", "BlueOak-1.0.0", "CC0-1.0", "MS-PL", "Python-2.0", "Unlicense", "public domain"];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task All_packages_are_listed_with_licenses_compatible_with_MIT()
    {
        Assert.Equal(0, (await Repository.RunAsync("dotnet", ["tool", "restore"])).ExitCode);
        string list = Repository.PathOf("docs", "licenses.csv");

        Dependency[] packages = await Dependencies.ListAsync();

        Assert.All(packages, package => Assert.True(IsCompatible(package.License), $"{package.Name} {package.Version}: '{package.License}'"));
        string actual = string.Join('\n', [Header, .. packages.Select(package => package.Row), ""]);
        if (await File.ReadAllTextAsync(list, Cancellation) != actual)
        {
            string proposal = Repository.PathOf(".data", "licenses.csv");
            await File.WriteAllTextAsync(proposal, actual, Cancellation);
            Assert.Fail($"{list} is not up to date: compare it with {proposal} and copy that over it.");
        }
    }

    [Fact]
    public async Task The_bill_of_materials_has_every_package_of_the_published_app()
    {
        string app = await PublishedApp.FolderAsync(Cancellation);
        CommandResult made = await Repository.RunAsync("bash", [Repository.PathOf(".ci", "sbom")]);
        Assert.True(made.ExitCode == 0, made.Output + made.Error);

        JsonNode sbom = JsonNode.Parse(await File.ReadAllTextAsync(Repository.PathOf(".data", "sbom.json"), Cancellation))!;
        string[] components = [.. sbom["components"]!.AsArray().Select(each => $"{each!["name"]} {each["version"]}")];

        JsonNode published = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(app, "Functions.deps.json"), Cancellation))!;
        IEnumerable<string> packages = published["libraries"]!.AsObject()
            .Where(library => (string)library.Value!["type"]! == "package")
            .Select(library => library.Key.Replace('/', ' '));
        Assert.Empty(packages.Except(components));
        string[] listed = [.. (await Dependencies.ListAsync()).Where(each => each.Use == "published").Select(each => $"{each.Name} {each.Version}")];
        Assert.Empty(components.Except(listed));
    }

    [Theory]
    [InlineData("echo '> Newtonsoft.Json 12.0.1 12.0.1 High'", "echo 1 high severity vulnerability; exit 1", "> Newtonsoft.Json", "1 high severity vulnerability")]
    [InlineData("echo has no vulnerable packages", "echo audit endpoint returned an error; exit 1", "Unknown: the package source", "Unknown: the registry")]
    public async Task Known_vulnerabilities_and_registries_without_vulnerability_data_are_reported(string dotnet, string npm, params string[] expected)
    {
        await AddToolAsync("dotnet", dotnet);
        await AddToolAsync("npm", npm);

        CommandResult report = await Repository.RunAsync(
            "bash",
            [Repository.PathOf(".ci", "vulnerabilities")],
            environment: new Dictionary<string, string> { ["PATH"] = $"{_folder.FullName}:{Environment.GetEnvironmentVariable("PATH")}" });

        Assert.True(report.ExitCode == 0, report.Error);
        Assert.All(expected, text => Assert.Contains(text, report.Output, StringComparison.Ordinal));
        Assert.All(["src/LocalHost/azurite", "tests/Contract.Tests/clients"], folder => Assert.Contains($"## npm: {folder}\n", report.Output, StringComparison.Ordinal));
    }

    /// <summary>If there is a choice of licenses, one of them must be compatible.</summary>
    private static bool IsCompatible(string license) => license.Trim('(', ')').Split(" OR ").Any(each => _compatible.Contains(each));

    private async Task AddToolAsync(string name, string script)
    {
        string path = Path.Combine(_folder.FullName, name);
        await File.WriteAllTextAsync(path, $"#!/usr/bin/env bash\n{script}\n", Cancellation);
        await Repository.RunAsync("chmod", ["+x", path]);
    }
}
