using System.Text.Json.Nodes;
using Xunit;

namespace Infra.Tests;

/// <summary>The publish settings of <c>src/Functions</c>.</summary>
public sealed class PublishTests
{
    private static readonly string _project = Repository.PathOf("src", "Functions", "Functions.csproj");

    [Fact]
    public async Task Publish_builds_a_ReadyToRun_isolated_worker_for_Linux()
    {
        JsonNode publish = await EvaluateAsync(_project, "-p:_IsPublishing=true");

        JsonNode properties = publish["Properties"]!;
        Assert.Equal("Exe", (string)properties["OutputType"]!);
        Assert.Equal("v4", (string)properties["AzureFunctionsVersion"]!);
        Assert.Equal("linux-x64", (string)properties["RuntimeIdentifier"]!);
        Assert.Equal("true", (string)properties["PublishReadyToRun"]!);
        Assert.Equal("false", (string)properties["SelfContained"]!);
        Assert.Equal(
            [
                "Microsoft.Azure.Functions.Worker",
                "Microsoft.Azure.Functions.Worker.Extensions.Http.AspNetCore",
                "Microsoft.Azure.Functions.Worker.OpenTelemetry",
                "Microsoft.Azure.Functions.Worker.Sdk",
            ],
            Items(publish, "PackageReference").Select(Identity).Where(name => name.StartsWith("Microsoft.Azure.Functions.", StringComparison.Ordinal)).Order());
    }

    [Fact]
    public async Task Publish_includes_host_settings_and_excludes_local_settings()
    {
        DirectoryInfo clone = Directory.CreateTempSubdirectory("publish-tests-");
        try
        {
            string functions = clone.CreateSubdirectory("src").CreateSubdirectory("Functions").FullName;
            File.Copy(_project, Path.Combine(functions, "Functions.csproj"));
            File.Copy(Repository.PathOf("src", "Serving.props"), Path.Combine(clone.FullName, "src", "Serving.props"));
            foreach (string file in new[] { "Directory.Build.props", "Directory.Packages.props", "host.json", "local.settings.sample.json" })
            {
                File.Copy(Repository.PathOf(file), Path.Combine(clone.FullName, file));
            }

            File.WriteAllText(Path.Combine(clone.FullName, "local.settings.json"), "{}");
            File.WriteAllText(Path.Combine(functions, "local.settings.json"), "{}");

            JsonNode publish = await EvaluateAsync(Path.Combine(functions, "Functions.csproj"), "-p:_IsPublishing=true");

            JsonNode[] files = [.. Items(publish, "None").Concat(Items(publish, "Content"))];
            Assert.Equal(2, files.Count(file => Path.GetFileName(Identity(file)) == "local.settings.json"));
            Assert.Equal(["../../host.json"], files.Where(IsPublished).Select(Identity));
        }
        finally
        {
            clone.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Build_and_publish_use_the_same_packages_and_sources()
    {
        JsonNode build = await EvaluateAsync(_project);
        JsonNode publish = await EvaluateAsync(_project, "-p:_IsPublishing=true");

        Assert.Equal("Exe", (string)build["Properties"]!["OutputType"]!);
        Assert.Equal(Items(build, "PackageReference").Select(Identity), Items(publish, "PackageReference").Select(Identity));
        Assert.Equal(Items(build, "Compile").Select(Identity), Items(publish, "Compile").Select(Identity));
    }

    private static async Task<JsonNode> EvaluateAsync(string project, params string[] properties)
    {
        CommandResult result = await Repository.RunAsync(
            Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet",
            [
                "msbuild", project, .. properties,
                "-getProperty:OutputType,AzureFunctionsVersion,RuntimeIdentifier,PublishReadyToRun,SelfContained",
                "-getItem:PackageReference,Compile,None,Content",
            ]);
        Assert.True(result.ExitCode == 0, result.Output + result.Error);
        return JsonNode.Parse(result.Output)!;
    }

    private static IEnumerable<JsonNode> Items(JsonNode evaluation, string type) =>
        evaluation["Items"]![type]!.AsArray().Select(item => item!);

    /// <summary>By default, files that are copied to the output are published too.</summary>
    private static bool IsPublished(JsonNode file) =>
        (string)file["CopyToPublishDirectory"]! is { Length: > 0 } publish
            ? publish != "Never"
            : (string)file["CopyToOutputDirectory"]! is { Length: > 0 } output && output != "Never";

    private static string Identity(JsonNode item) => (string)item["Identity"]!;
}
