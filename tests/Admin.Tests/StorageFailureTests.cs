using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using TestSupport;
using Xunit;

namespace Admin.Tests;

public sealed class StorageFailureTests(AzuriteFixture azurite)
{
    [Theory]
    [InlineData("platform", "create")]
    [InlineData("key", "create")]
    public async Task Refused_connections_are_reported_in_one_sentence(string group, string verb)
    {
        AdminResult result = await AdminProcess.RunAsync(At(ClosedPort()), group, verb, "acme", "--json");

        AssertUnreachable(result);
    }

    [Fact]
    public async Task Unresponsive_storage_is_reported_within_30_seconds()
    {
        using TcpListener silent = new(IPAddress.Loopback, 0);
        silent.Start();
        long start = Stopwatch.GetTimestamp();

        AdminResult result = await AdminProcess.RunAsync(At(Port(silent)), "key", "create", "acme", "--json");

        AssertUnreachable(result);
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 0, 25);
    }

    [Theory]
    [InlineData("$batch", 1)]
    [InlineData("POST /devstoreaccount1/LostRepliesDirectory", 8)]
    public async Task An_import_survives_lost_storage_replies_without_rejecting_lines(string request, int losses)
    {
        string[] lines = ["username,email", "ada,ada@example.org", "gus,gus@example.org"];
        string people = Path.GetTempFileName();
        await File.WriteAllLinesAsync(people, lines, TestContext.Current.CancellationToken);
        using LossyProxy proxy = new(new Uri(azurite.ConnectionString.Split("TableEndpoint=")[1]).Port, request, losses);
        Dictionary<string, string> settings = At(proxy.Port);
        settings["Tables__Prefix"] = request == "$batch" ? "LostReply" : "LostReplies";
        await AdminProcess.RunAsync(settings, "platform", "create", "acme");

        AdminResult result = await AdminProcess.RunAsync(settings, "user", "import", "acme", people, "--json");

        File.Delete(people);
        Assert.True(proxy.HasLost);
        Assert.Equal(
            new AdminResult(0, """{"platform_key":"acme","license_id":null,"rows":2,"added":2,"already_there":0,"faults":[],"dry_run":false,"interrupted":false,"users_added":null}""" + "\n", ""),
            result);
    }

    [Fact]
    public async Task A_wrong_account_key_is_reported_with_what_to_check()
    {
        Dictionary<string, string> settings = new()
        {
            ["Tables__ConnectionString"] = azurite.ConnectionString.Replace("AccountKey=", "AccountKey=AAAA", StringComparison.Ordinal),
        };

        AdminResult result = await AdminProcess.RunAsync(settings, "platform", "create", "acme");

        Assert.Equal((3, ""), (result.ExitCode, result.Output));
        Assert.Contains("denied access (403", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("AAAA", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ctrl_C_stops_a_command_waiting_for_storage()
    {
        using TcpListener silent = new(IPAddress.Loopback, 0);
        silent.Start();
        using AdminProcess process = AdminProcess.Start(At(Port(silent)), "key", "create", "acme");
        using TcpClient waiting = await silent.AcceptTcpClientAsync(TestContext.Current.CancellationToken);

        process.Interrupt();

        Assert.Equal(
            new AdminResult(130, "", "Interrupted: the change may or may not have been made. Check before you run the command again.\n"),
            await process.EndAsync());
    }

    private static void AssertUnreachable(AdminResult result)
    {
        Assert.Equal((3, ""), (result.ExitCode, result.Output));
        Assert.Matches(@"\AStorage at 127\.0\.0\.1:\d+ is unreachable or overloaded: [^\n]+\n\z", result.Error);
    }

    private Dictionary<string, string> At(int port)
    {
        UriBuilder address = new(azurite.ConnectionString.Split("TableEndpoint=")[1]) { Port = port };
        return new()
        {
            ["Tables__ConnectionString"] = $"{azurite.ConnectionString.Split("TableEndpoint=")[0]}TableEndpoint={address.Uri}",
        };
    }

    private static int Port(TcpListener listener) => ((IPEndPoint)listener.LocalEndpoint).Port;

    private static int ClosedPort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return Port(listener);
    }
}
