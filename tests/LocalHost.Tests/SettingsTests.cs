using System.Net;
using System.Net.Sockets;
using Licensing.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using TestSupport;
using Xunit;

namespace LocalHost.Tests;

public sealed class SettingsTests : IDisposable
{
    /// <summary>A setting in the file and in the environment, under a name that nothing else reads.</summary>
    private const string Variable = "SettingsTests__Value";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();

    public SettingsTests()
    {
        File.WriteAllText(Path.Combine(_folder.FullName, "local.settings.json"), """
            {
              "IsEncrypted": false,
              "Values": { "SettingsTests__Value": "file", "Tables__Prefix": "FromFile" } // as the tools allow
            }
            """);
        Environment.SetEnvironmentVariable(Variable, null);
    }

    public void Dispose()
    {
        Environment.SetEnvironmentVariable(Variable, null);
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Local_settings_are_read_from_the_content_root()
    {
        await using WebApplication app = Create();

        Assert.Equal("FromFile", app.Services.GetRequiredService<IOptions<TablesOptions>>().Value.Prefix);
    }

    [Fact]
    public async Task The_environment_overrides_the_file_and_the_command_line_overrides_both()
    {
        await using WebApplication file = Create();
        Environment.SetEnvironmentVariable(Variable, "environment");
        await using WebApplication environment = Create();
        await using WebApplication commandLine = Create("--SettingsTests:Value=command line");

        Assert.Equal(
            ("file", "environment", "command line"),
            (file.Configuration["SettingsTests:Value"], environment.Configuration["SettingsTests:Value"], commandLine.Configuration["SettingsTests:Value"]));
    }

    [Fact]
    public async Task Azurite_is_the_default_storage()
    {
        await using WebApplication app = Create();

        Assert.Equal(new Uri("http://127.0.0.1:10002/devstoreaccount1"), app.Services.GetRequiredService<Licensing.Storage.Tables>().Account);
    }

    [Fact]
    public async Task Startup_without_Azurite_and_demo_does_not_access_storage()
    {
        using TcpListener storage = new(IPAddress.Loopback, 0);
        storage.Start();
        int port = ((IPEndPoint)storage.LocalEndpoint).Port;

        await using LocalHostServer server = await LocalHostServer.StartAsync([$"--Tables:ConnectionString={Azurite.ConnectionStringOf(port)}"]);

        Assert.False(storage.Pending());
    }

    private WebApplication Create(params string[] args) => LocalHostApplication.Create([$"--contentRoot={_folder.FullName}", .. args]);
}
