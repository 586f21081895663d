using System.Net;
using TestSupport;
using Xunit;

namespace LocalHost.Tests;

/// <summary>The three functions have the routes that Azure serves. Functions.Tests covers their responses.</summary>
public sealed class FunctionRoutesTests
{
    private const string Assignment = "/api/catalog/licenses/user/assignment";
    private const string Check = $"{Assignment}/check";

    [Theory]
    [InlineData("POST", Assignment)]
    [InlineData("POST", $"{Assignment}/")]
    [InlineData("DELETE", Assignment)]
    [InlineData("DELETE", $"{Assignment}/")]
    [InlineData("GET", Check)]
    [InlineData("GET", $"{Check}/")]
    [InlineData("POST", "/API/Catalog/Licenses/User/Assignment/")]
    public async Task A_route_matches_with_or_without_a_trailing_slash_in_any_case(string method, string path)
    {
        using HttpResponseMessage response = await SendAsync(method, path);

        Assert.NotEqual(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Theory]
    [InlineData("GET", Assignment)]
    [InlineData("PUT", Assignment)]
    [InlineData("HEAD", Check)]
    [InlineData("POST", Check)]
    [InlineData("OPTIONS", Check)]
    [InlineData("POST", $"{Assignment}//")]
    [InlineData("POST", "/api//catalog/licenses/user/assignment")]
    [InlineData("POST", "//api/catalog/licenses/user/assignment")]
    [InlineData("POST", "/catalog/licenses/user/assignment")]
    [InlineData("GET", "/unknown")]
    public async Task Another_method_or_path_is_a_plain_404(string method, string path)
    {
        using HttpResponseMessage response = await SendAsync(method, path);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        Assert.Empty(response.Headers.Server);
    }

    private static async Task<HttpResponseMessage> SendAsync(string method, string path)
    {
        await using LocalHostServer server = await LocalHostServer.StartAsync([]);
        using HttpRequestMessage request = new(new HttpMethod(method), new Uri(server.Client.BaseAddress!.GetLeftPart(UriPartial.Authority) + path));
        return await server.Client.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
