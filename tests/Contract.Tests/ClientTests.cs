using System.Globalization;
using System.Reflection;
using System.Text.Json.Nodes;
using TestSupport;
using Xunit;

namespace Contract.Tests;

/// <summary>Clients as other generators make them from the document; <c>clients</c> has a program for each.</summary>
public sealed class ClientTests(ApiDocument document, LocalHostService service) : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task TypeScript_clients_compile_and_create_check_and_delete_an_assignment()
    {
        foreach (string script in (string[])["openapi-typescript", "hey-api", "compile"])
        {
            (await Clients.NpmAsync(script)).Succeeded();
        }

        foreach (string client in (string[])["openapi-typescript", "hey-api"])
        {
            await AssertWorksAsync(async (address, key, license, email) => (await Clients.Npm.RunAsync(
                "node", [$"generated/compiled/{client}.js", address, key, license.ToString(CultureInfo.InvariantCulture), email], Cancellation)).Succeeded());
        }
    }

    [Fact]
    public async Task Kiotas_client_compiles_and_creates_checks_and_deletes_an_assignment()
    {
        await GenerateWithKiotaAsync();
        Assembly assembly = Generated.Compile(
            [.. Directory.EnumerateFiles(_folder.FullName, "*.cs", SearchOption.AllDirectories).Append(Path.Combine(Clients.Npm.Path, "kiota.cs")).Select(File.ReadAllText)]);
        MethodInfo run = assembly.GetType("Generated.Caller", throwOnError: true)!.GetMethod("RunAsync")!;

        await AssertWorksAsync((address, key, license, email) => (Task<string>)run.Invoke(null, [address, key, (int)license, email])!);
    }

    private async Task GenerateWithKiotaAsync()
    {
        (await Command.RunAsync("dotnet", ["tool", "restore"], Clients.Repository, Cancellation)).Succeeded();
        (await Command.RunAsync(
            "dotnet",
            ["kiota", "generate", "-l", "CSharp", "-d", "docs/openapi.yaml", "-c", "Client", "-n", "Generated", "-o", _folder.FullName, "--log-level", "Error"],
            Clients.Repository,
            Cancellation,
            ("KIOTA_OFFLINE_ENABLED", "true"),
            ("KIOTA_CLI_TELEMETRY_OPTOUT", "true"))).Succeeded();
    }

    /// <param name="run">Creates an assignment, checks, deletes, and checks again. Returns what it saw.</param>
    private async Task AssertWorksAsync(Func<string, string, long, string, Task<string>> run)
    {
        Scene scene = await Scene.CreateAsync(document, service);
        string address = (await service.ServerAsync()).Client.BaseAddress!.GetLeftPart(UriPartial.Authority);

        JsonNode? seen = JsonNode.Parse(await run(address, scene.Key, Scene.License, scene.Email));

        JsonObject expected = new() { ["created"] = scene.Email, ["active"] = true, ["checked"] = true, ["refused"] = "no_active_assignment" };
        Assert.Equal(expected.ToJsonString(), seen!.ToJsonString());
        Assert.Equal(404, (await scene.CheckAsync(scene.Email)).Status);
    }
}

/// <summary>The folder <c>clients</c> with its generators and linters from npm.</summary>
internal static class Clients
{
    public static string Repository { get; } = typeof(Clients).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == "Repository").Value!;

    public static NpmFolder Npm { get; } = new(Path.Combine(Repository, "tests", "Contract.Tests", "clients"));

    public static Task<CommandResult> NpmAsync(string script) => Npm.RunAsync(
        "npm", ["run", "--silent", script], TestContext.Current.CancellationToken, ("REDOCLY_TELEMETRY", "off"), ("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true"));
}
