using System.Net;
using FunctionsHost;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TestSupport;
using Xunit;

namespace Infra.Tests;

/// <summary>The scripts that the workflows run after a deployment and for a backup.</summary>
public sealed class ScriptTests(AzuriteFixture azurite) : IClassFixture<AzuriteFixture>
{
    private const string Account = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/stdata1";

    [Fact]
    public async Task Wait_retries_on_404_and_503_and_logs_every_try()
    {
        await using StandIn api = await StandIn.StartAsync(
            (404, ""), (404, "<html>"), (503, """{"code":"storage_unavailable"}"""), (404, """{"code":"no_active_assignment"}"""));

        CommandResult result = await WaitAsync(api, "60");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(
            ["404 no answer of this API", "404 no answer of this API", "503 storage_unavailable", "404 no_active_assignment"],
            result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(": ")[1]));
    }

    [Fact]
    public async Task Wait_fails_at_once_on_any_other_response()
    {
        await using StandIn api = await StandIn.StartAsync((500, """{"code":"internal_error"}"""), (404, """{"code":"no_active_assignment"}"""));

        CommandResult result = await WaitAsync(api, "60");

        Assert.Equal(1, result.ExitCode);
        Assert.Single(result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task Wait_times_out()
    {
        await using StandIn api = await StandIn.StartAsync((503, """{"code":"storage_unavailable"}"""));

        CommandResult result = await WaitAsync(api, "0");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("The API did not become ready in 0 seconds", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("true", 0)]
    [InlineData("false", 1)]
    public async Task Open_closes_network_access_again_however_the_command_ends(string command, int exitCode)
    {
        DirectoryInfo tools = Directory.CreateTempSubdirectory("script-tests-");
        try
        {
            await AddToolAsync(tools, "curl", "echo 203.0.113.7");
            await AddToolAsync(tools, "az", $"echo \"$@\" >> {tools.FullName}/calls; [[ $* != *show* ]] || echo Disabled");

            CommandResult result = await Repository.RunAsync(
                "bash", [Repository.PathOf(".ci", "open"), Account, "--", command],
                environment: new Dictionary<string, string> { ["PATH"] = $"{tools.FullName}:{Environment.GetEnvironmentVariable("PATH")}" });

            Assert.Equal((exitCode, ""), (result.ExitCode, result.Error));
            Assert.Equal(
                [
                    "update Enabled",
                    "add 203.0.113.7",
                    "remove 203.0.113.7",
                    "update Disabled",
                ],
                File.ReadAllLines(Path.Combine(tools.FullName, "calls")).Select(Summary).OfType<string>());
        }
        finally
        {
            tools.Delete(recursive: true);
        }

        static string? Summary(string call)
        {
            string[] words = call.Split(' ');
            return words.Contains("show") ? null
                : words.Contains("update") ? $"update {words[Array.IndexOf(words, "--public-network-access") + 1]}"
                : $"{words[3]} {words[Array.IndexOf(words, "--ip-address") + 1]}";
        }
    }

    [Fact]
    public async Task The_smoke_test_runs_against_the_published_app_and_can_be_repeated()
    {
        CancellationToken cancellationToken = TestContext.Current.CancellationToken;
        Dictionary<string, string> storage = new()
        {
            ["Tables__ConnectionString"] = azurite.ConnectionString,
            ["LICENSE_ADMIN"] = $"dotnet {Repository.Metadata("Admin")}",
            ["WAIT_PAUSE"] = "0",
        };
        // Create the tables as a deployment does.
        await using ServiceProvider _ = await DirectStorage.OpenAsync(azurite.ConnectionString, prefix: "");
        await using WorkerHost host = await WorkerHost.StartAsync(
            await PublishedApp.FolderAsync(cancellationToken), port: 0, storage.ToDictionary(setting => setting.Key, setting => (string?)setting.Value), cancellationToken);

        for (int run = 0; run < 2; run++)
        {
            CommandResult result = await Repository.RunAsync(
                "bash", [Repository.PathOf(".ci", "smoke"), host.Address.ToString().TrimEnd('/')], environment: storage);

            Assert.True(result.ExitCode == 0, result.Output + result.Error);
            Assert.Equal(
                ["create: 200", "check: 200", "delete: 200", "check again: 404"],
                result.Output.Split('\n').Where(line => line.Contains(": ", StringComparison.Ordinal) && char.IsDigit(line[^1]) && line.Length < 20));
        }
    }

    private static Task<CommandResult> WaitAsync(StandIn api, string limit) => Repository.RunAsync(
        "bash", [Repository.PathOf(".ci", "wait"), api.Address, limit], environment: new Dictionary<string, string> { ["WAIT_PAUSE"] = "0" });

    private static async Task AddToolAsync(DirectoryInfo folder, string name, string script)
    {
        string path = Path.Combine(folder.FullName, name);
        await File.WriteAllTextAsync(path, $"#!/usr/bin/env bash\n{script}\n");
        await Repository.RunAsync("chmod", ["+x", path]);
    }

    /// <summary>Returns these responses one after another, and repeats the last one.</summary>
    private sealed class StandIn(WebApplication app) : IAsyncDisposable
    {
        public string Address => app.Urls.Single();

        public static async Task<StandIn> StartAsync(params (int Status, string Body)[] answers)
        {
            int next = -1;
            WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
            WebApplication app = builder.Build();
            app.MapFallback(async context =>
            {
                (int status, string body) = answers[Math.Min(Interlocked.Increment(ref next), answers.Length - 1)];
                context.Response.StatusCode = status;
                await context.Response.WriteAsync(body);
            });
            await app.StartAsync();
            return new StandIn(app);
        }

        public ValueTask DisposeAsync() => app.DisposeAsync();
    }
}
