using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Licensing.ApiKeys;
using Xunit;

namespace Functions.Tests;

/// <summary>Requests with private data: keys, addresses and bodies.</summary>
internal sealed class PrivateRequests(World world)
{
    public const string Secret = "private-metadata-4711";

    private readonly string _unknownKey = ApiKeySecret.Create().Reveal();

    /// <summary>Sends requests of every kind, with secrets in the right and in wrong places.</summary>
    /// <param name="client">The client of a server on the world's tables, or of one without storage.</param>
    /// <param name="badBody">The allowed status codes for a body that violates HTTP.</param>
    public async Task SendEverythingAsync(HttpClient client, params int[] badBody)
    {
        string email = world.User.Email!.Text;
        string query = $"?license_id={world.License.Id}";
        foreach (string key in new[] { world.Key, $"Bearer {world.Key}", _unknownKey, world.Key[..^1], $"Basic {world.Key}" })
        {
            await SendAsync(client, HttpMethod.Post, query, world.Body(world.User, new { email, metadata = new { Secret } }).ToJsonString(), key);
            await SendAsync(client, HttpMethod.Delete, $"{query}&assignment_id=1", null, key);
        }

        await SendAsync(client, HttpMethod.Post, query, world.Body(world.Users[1], new { email, metadata = new { Secret } }).ToJsonString());
        await SendAsync(client, HttpMethod.Post, query, $"{{\"license_id\":1,\"email\":\"{email}\",\"metadata\":{{\"{Secret}\":");
        await SendAsync(client, HttpMethod.Post, query, $"{{\"license_id\":\"{Secret}\",\"email\":\"{email} \\u0000\",\"active\":\"{Secret}\"}}");
        await SendAsync(client, HttpMethod.Post, query, $"license_id=1&email={Uri.EscapeDataString(email)}&metadata={Secret}", contentType: "application/x-www-form-urlencoded");
        await SendAsync(client, HttpMethod.Post, query, $"--x\r\n{Secret}\r\n\r\n{email}", contentType: "multipart/form-data; boundary=x");
        await SendAsync(client, HttpMethod.Post, query, email, contentType: $"text/plain; name={Secret}");
        await SendAsync(client, HttpMethod.Post, query, $"\"{Secret}{email}{new string('x', 70_000)}\"");
        await SendAsync(client, HttpMethod.Post, $"{query}&platform_key={Secret}&sort={Uri.EscapeDataString(email)}", world.Body(world.User).ToJsonString());
        await SendAsync(client, HttpMethod.Put, $"{query}&email={Uri.EscapeDataString(email)}", email);
        foreach (string check in world.Users.Select(user => user.Email!.Text).Append("private@example").Append($"{email} nonsense"))
        {
            await SendAsync(client, HttpMethod.Get, $"check/?email={Uri.EscapeDataString(check)}", null, key: "");
            await SendAsync(client, HttpMethod.Get, $"check/?email={Uri.EscapeDataString(check)}", null);
            await SendAsync(client, HttpMethod.Get, $"check/?email={check.Replace(' ', '+')}", null, key: "");
        }

        foreach (string raw in new[]
        {
            $"GET {World.Check}?email={email} HTTP/1.1\r\nHost: localhost\r\nAuthorization {world.Key}\r\nConnection: close\r\n\r\n",
            $"GET {World.Check}?email={email} nonsense HTTP/1.1\r\nHost: x\r\n\r\n",
            $"GET http://[{email} HTTP/1.1\r\nHost: x\r\n\r\n",
            $"GET / HTTP/1.1\r\nHost: {email} @\r\nAuthorization: {world.Key}\r\n\r\n",
            $"{world.Key}\r\n\r\n",
        })
        {
            Assert.Equal(400, await SendRawAsync(client, raw));
        }

        string chunked = $"POST {World.Assignment}{query} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {world.Key}\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n{email}\r\n";
        Assert.Contains(await SendRawAsync(client, chunked), badBody);
    }

    /// <summary>Whether a line of a log or trace contains private data.</summary>
    public bool LeakInto(string line)
    {
        string[] secrets = [SecretOf(world.Key), SecretOf(_unknownKey), Secret, .. world.Users.SelectMany(user => Spellings(user.Email!.Text))];
        return secrets.Any(secret => line.Contains(secret, StringComparison.OrdinalIgnoreCase));
    }

    private async Task SendAsync(
        HttpClient client, HttpMethod method, string target, string? body, string? key = null, string contentType = "application/json")
    {
        using HttpRequestMessage request = new(method, World.Assignment + target);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        }

        if (key != "")
        {
            request.Headers.TryAddWithoutValidation("Authorization", key ?? world.Key);
        }

        using HttpResponseMessage response = await client.SendAsync(request, World.Cancellation);
    }

    private static async Task<int> SendRawAsync(HttpClient client, string request)
    {
        using TcpClient connection = new();
        await connection.ConnectAsync(IPAddress.Loopback, client.BaseAddress!.Port, World.Cancellation);
        using NetworkStream stream = connection.GetStream();
        await stream.WriteAsync(Encoding.UTF8.GetBytes(request), World.Cancellation);
        using StreamReader reader = new(stream);
        string answer = await reader.ReadToEndAsync(World.Cancellation);
        return int.Parse(answer["HTTP/1.1 ".Length..].AsSpan(0, 3), CultureInfo.InvariantCulture);
    }

    /// <summary>The private part of a key: not the id, which identifies it in the history.</summary>
    private static string SecretOf(string key) => key[21..];

    private static string[] Spellings(string email) => [email, Uri.EscapeDataString(email)];
}
