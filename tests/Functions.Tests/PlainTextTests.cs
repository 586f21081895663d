using System.Text;
using Licensing.Licenses;
using Licensing.Users;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Functions.Tests;

/// <summary>Responses are readable: UTF-8 with only the escapes that JSON requires.</summary>
public sealed class PlainTextTests(ApiHost host)
{
    private const string Readable = "zoë <key> & ' + ` / 用户 é \u2028 \u007f \u0085 \u00a0 \ue000 \ufffe \ud83d\ude00";

    [Fact]
    public async Task Only_what_JSON_requires_is_escaped_in_an_assignment()
    {
        World world = await World.CreateAsync(host.Server, users: 0);
        User user = await world.AddUserAsync(Readable + "\"\\\t\u0001", "zoë+o'tag@exämple.com");
        License license = (await world.Services.GetRequiredService<LicenseStore>().CreateAsync(
            world.Platform.Key, id: null, Readable, seats: 5, starts: null, expires: null, new Uri("https://example.com/?a='<ö>'"), World.Cancellation))!;

        using HttpResponseMessage response = await PutAsync(world, license.Id, user, $"{{\"{Readable}\":\"{Readable}\"}}");

        await response.OkAsync();
        Assert.Equal("utf-8", response.Content.Headers.ContentType?.CharSet);
        string text = await response.Content.ReadAsStringAsync(World.Cancellation);
        Assert.Contains($"\"username\":\"{Readable}\\\"\\\\\\u0009\\u0001\",\"email\":\"zoë+o'tag@exämple.com\"", text, StringComparison.Ordinal);
        Assert.Contains("\"redirect_to\":\"https://example.com/?a='<ö>'\"", text, StringComparison.Ordinal);
        Assert.Contains($"\"metadata\":{{\"{Readable}\":\"{Readable}\"}}", text, StringComparison.Ordinal);
        Assert.Contains($"\"license_name\":\"{Readable}\"", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"a":"zo\u00eb \u003ckey\u003e \ud83d\ude00 \u002b \/"}""", "{\"a\":\"zoë <key> \ud83d\ude00 + /\"}")]
    [InlineData("""{"\u0061\\u0061":"\\\u005c\u0022\" \\u0022"}""", """{"a\\u0061":"\\\\\"\" \\u0022"}""")]
    [InlineData("""{"a":"\u0000\u001f\u0009\n\u007f"}""", "{\"a\":\"\\u0000\\u001F\\t\\n\u007f\"}")]
    public async Task Metadata_sent_with_escapes_is_returned_without_those_that_JSON_does_not_require(string sent, string answered)
    {
        World world = await World.CreateAsync(host.Server);
        for (int i = 0; i < 2; i++)
        {
            // The second response is read from storage.
            using HttpResponseMessage response = await PutAsync(world, world.License.Id, world.User, sent);

            await response.OkAsync();
            Assert.Contains($"\"metadata\":{answered},", await response.Content.ReadAsStringAsync(World.Cancellation), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_problem_document_is_plain_UTF_8_too()
    {
        World world = await World.CreateAsync(host.Server);

        using HttpResponseMessage response = await world.SendAsync(HttpMethod.Delete, World.Assignment, authorization: "");

        await response.ProblemAsync(401, "unauthenticated");
        Assert.Equal("application/problem+json; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        Assert.Contains("Authorization header: Api-Key <key>.", await response.Content.ReadAsStringAsync(World.Cancellation), StringComparison.Ordinal);
        using HttpResponseMessage mismatch = await world.SendAsync(HttpMethod.Delete, $"{World.Assignment}?license_id=1&assignment_id=1&platform_key=another");
        Assert.DoesNotContain("\\u", await mismatch.Content.ReadAsStringAsync(World.Cancellation), StringComparison.Ordinal);
    }

    private static Task<HttpResponseMessage> PutAsync(World world, long license, User user, string metadata) => world.SendAsync(
        HttpMethod.Post,
        $"{World.Assignment}?license_id={license}",
        new StringContent($$"""{"license_id":{{license}},"user_id":{{user.Id}},"metadata":{{metadata}}}""", Encoding.UTF8, "application/json"));
}
