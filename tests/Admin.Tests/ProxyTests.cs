using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using TestSupport;
using Xunit;

namespace Admin.Tests;

/// <summary>The proxy variables that other tools use too.</summary>
public sealed class ProxyTests(AzuriteFixture azurite) : IDisposable
{
    private readonly TcpListener _proxy = Listen();

    private string Proxy => string.Create(CultureInfo.InvariantCulture, $"http://{_proxy.LocalEndpoint}");

    public void Dispose() => _proxy.Dispose();

    [Theory]
    [InlineData("https", "HTTPS_PROXY", "CONNECT account.table.example.org:443 HTTP/1.1")]
    [InlineData("https", "https_proxy", "CONNECT account.table.example.org:443 HTTP/1.1")]
    [InlineData("https", "ALL_PROXY", "CONNECT account.table.example.org:443 HTTP/1.1")]
    [InlineData("http", "HTTP_PROXY", "GET http://account.table.example.org/")]
    public async Task Remote_storage_is_reached_through_the_proxy_in_the_environment(string scheme, string variable, string request)
    {
        Task<string> asked = FirstLineAsync();

        AdminResult result = await AdminProcess.RunAsync(At($"{scheme}://account.table.example.org", (variable, Proxy)), "platform", "show", "acme");

        await EndWaitAsync();
        Assert.StartsWith(request, await asked, StringComparison.Ordinal);
        Assert.Equal(3, result.ExitCode);
    }

    [Theory]
    [InlineData("account.table.example.org")]
    [InlineData(".example.org")]
    [InlineData("localhost,.example.org")]
    public async Task Storage_in_NO_PROXY_is_reached_directly(string noProxy)
    {
        await AdminProcess.RunAsync(
            At("https://account.table.example.org", ("HTTPS_PROXY", Proxy), ("NO_PROXY", noProxy)), "platform", "show", "acme");

        Assert.False(_proxy.Pending());
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("localhost")]
    public async Task Local_storage_is_reached_directly(string host)
    {
        Dictionary<string, string> settings = At("", ("HTTP_PROXY", Proxy), ("HTTPS_PROXY", Proxy), ("ALL_PROXY", Proxy));
        settings["Tables__ConnectionString"] = azurite.ConnectionString.Replace("//127.0.0.1", $"//{host}", StringComparison.Ordinal);
        string prefix = azurite.NewPrefix();
        settings["Tables__Prefix"] = prefix;
        await using ServiceProvider tables = await DirectStorage.OpenAsync(azurite.ConnectionString, prefix);

        AdminResult result = await AdminProcess.RunAsync(settings, "platform", "list");

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.False(_proxy.Pending());
    }

    private async Task<string> FirstLineAsync()
    {
        using TcpClient client = await _proxy.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        using StreamReader reader = new(client.GetStream());
        string? line = await reader.ReadLineAsync(TestContext.Current.CancellationToken);
        // Further connections are refused, so that the command need not wait for its deadline.
        _proxy.Stop();
        return line ?? "";
    }

    /// <summary>Ends the wait for the first line, unless a client has connected before.</summary>
    private async Task EndWaitAsync()
    {
        try
        {
            using TcpClient client = new();
            await client.ConnectAsync((IPEndPoint)_proxy.LocalEndpoint, TestContext.Current.CancellationToken);
            await client.GetStream().WriteAsync("nobody asked\n"u8.ToArray(), TestContext.Current.CancellationToken);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The proxy got a request and has stopped listening.
        }
    }

    private static Dictionary<string, string> At(string endpoint, params (string Name, string Value)[] environment)
    {
        Dictionary<string, string> settings = [];
        settings["Tables__ConnectionString"] = $"AccountName=account;AccountKey=c2VjcmV0;TableEndpoint={endpoint}";
        foreach ((string name, string value) in environment)
        {
            settings[name] = value;
        }

        return settings;
    }

    private static TcpListener Listen()
    {
        TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return listener;
    }
}
