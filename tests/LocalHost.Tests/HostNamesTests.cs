using System.Net;
using Microsoft.AspNetCore.Http;
using TestSupport;
using Xunit;

namespace LocalHost.Tests;

/// <summary>
/// Whom LocalHost takes itself for: a web page whose own name was made to lead to this machine must not read the API key
/// that LocalHost's page holds.
/// </summary>
public sealed class HostNamesTests
{
    private const string Check = "/api/catalog/licenses/user/assignment/check/";

    [Theory]
    [InlineData("localhost")]
    [InlineData("LOCALHOST:1")]
    [InlineData("demo.localhost")]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.1:7071")]
    [InlineData("127.1.2.3")]
    [InlineData("[::1]:7071")]
    [InlineData("[::ffff:127.0.0.1]")]
    public async Task A_loopback_name_is_served(string name)
    {
        await using LocalHostServer server = await LocalHostServer.StartAsync([]);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.BadRequest), (await StatusAsync(server, "/", name), await StatusAsync(server, Check, name)));
    }

    [Theory]
    [InlineData("evil.example")]
    [InlineData("evil.example:7071")]
    [InlineData("localhost.evil.example")]
    [InlineData("127.0.0.1.evil.example")]
    [InlineData("evillocalhost")]
    [InlineData("192.168.0.1")]
    [InlineData("0.0.0.0")]
    [InlineData("[2001:db8::1]")]
    public async Task Another_host_name_is_rejected_for_the_page_its_document_and_the_functions(string name)
    {
        await using LocalHostServer server = await LocalHostServer.StartAsync([]);
        foreach (string path in new[] { "/", "/openapi.yaml", $"{Check}?email=a@example.com", "/unknown" })
        {
            using HttpResponseMessage response = await SendAsync(server, path, name);

            Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
            Assert.Equal(
                "LocalHost accepts loopback host names only: allow others with --urls, for example --urls http://0.0.0.0:7071 for all.\n",
                await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }
    }

    [Theory]
    [InlineData("http://0.0.0.0:7071", "evil.example", true)]
    [InlineData("http://*:7071", "evil.example", true)]
    [InlineData("http://+:7071", "evil.example", true)]
    [InlineData("http://[::]:7071", "192.168.0.1", true)]
    [InlineData("http://127.0.0.1:7071; https://0.0.0.0:7072", "evil.example", true)]
    [InlineData(null, "evil.example", true)]
    [InlineData("http://dev.example:7071", "dev.example:7071", true)]
    [InlineData("http://dev.example:7071", "localhost", true)]
    [InlineData("http://127.0.0.1:7071;http://Dev.Example:7072", "dev.example", true)]
    [InlineData("http://192.168.0.1:7071", "192.168.0.1:7071", true)]
    [InlineData("http://dev.example:7071", "evil.example", false)]
    [InlineData("http://192.168.0.1:7071", "evil.example", false)]
    [InlineData("http://localhost:7071", "evil.example", false)]
    public void Other_host_names_are_accepted_if_urls_names_them(string? urls, string name, bool served) =>
        Assert.Equal(served, new HostNames(urls).Serve(new HostString(name)));

    private static async Task<HttpStatusCode> StatusAsync(LocalHostServer server, string path, string name)
    {
        using HttpResponseMessage response = await SendAsync(server, path, name);
        return response.StatusCode;
    }

    private static Task<HttpResponseMessage> SendAsync(LocalHostServer server, string path, string name)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, path) { Headers = { Host = name } };
        return server.Client.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
