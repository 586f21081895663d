using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Licensing.Storage;
using Licensing.Users;
using Microsoft.Extensions.DependencyInjection;
using TestSupport;
using Xunit;

namespace Functions.Tests;

/// <summary>The members of a JSON body, and invalid bodies; other media types are in MediaTypeTests.</summary>
public sealed class BodyTests(ApiHost host)
{
    [Fact]
    public async Task All_errors_of_a_request_are_reported_at_once()
    {
        World world = await World.CreateAsync(host.Server);

        using HttpResponseMessage response = await world.SendAsync(
            HttpMethod.Post,
            $"{World.Assignment}?license_id=x&page=a&page_size=1.5&platform_key=&platform_org=&sort=",
            Json("""{"license_id":"5","user_id":1.5,"email":"nobody","active":"true","fulfilled":0,"metadata":[]}"""));

        await response.InvalidAsync(
            "license_id", "page", "page_size", "platform_key", "platform_org", "sort", "user_id", "email", "active", "fulfilled", "metadata");
    }

    [Theory]
    [InlineData("""{"user_id":1}""", "license_id")]
    [InlineData("""{"license_id":null,"user_id":1}""", "license_id")]
    [InlineData("""{"license_id":2,"user_id":1}""", "license_id")]
    [InlineData("""{"License_Id":1,"user_id":1}""", "license_id")]
    [InlineData("""{"license_id":1}""", "user_id")]
    [InlineData("""{"license_id":1,"user_id":null,"email":null}""", "user_id")]
    [InlineData("""{"license_id":1,"user_id":"1"}""", "user_id")]
    [InlineData("""{"license_id":1,"user_id":true}""", "user_id")]
    [InlineData("""{"license_id":1,"email":5}""", "email")]
    [InlineData("""{"license_id":1,"email":""}""", "user_id")]
    [InlineData("""{"license_id":1,"email":" "}""", "email")]
    [InlineData("""{"license_id":1,"user_id":""}""", "user_id")]
    [InlineData("""{"license_id":1,"user_id":1,"active":""}""", "active")]
    [InlineData("""{"license_id":1,"user_id":1,"metadata":""}""", "metadata")]
    [InlineData("""{"license_id":1,"user_id":1,"active":1}""", "active")]
    [InlineData("""{"license_id":1,"user_id":1,"fulfilled":"false"}""", "fulfilled")]
    [InlineData("""{"license_id":1,"user_id":1,"metadata":"{}"}""", "metadata")]
    [InlineData("""{"license_id":1,"user_id":1,"platform_key":5}""", "platform_key")]
    [InlineData("""{"license_id":1,"user_id":1,"platform_org":7}""", "platform_org")]
    public async Task A_body_that_breaks_a_rule_is_rejected_for_that_member(string body, string field)
    {
        World world = await World.CreateAsync(host.Server);

        using HttpResponseMessage response = await world.SendAsync(HttpMethod.Post, $"{World.Assignment}?license_id=1", Json(body));

        await response.InvalidAsync(field);
    }

    [Theory]
    [InlineData("""{"license_id":1,"email":5}""", "email", "`email` in the body must be a string.")]
    [InlineData("""{"license_id":1,"email":"nobody"}""", "email", "`email` in the body must be an e-mail address.")]
    [InlineData("""{"license_id":1}""", "user_id", "`user_id` or `email` in the body is required.")]
    [InlineData("""{"user_id":1}""", "license_id", "`license_id` in the body is required.")]
    [InlineData("""{"license_id":1,"user_id":1.5}""", "user_id", "`user_id` in the body must be a 64-bit integer.")]
    [InlineData("""{"license_id":1,"user_id":1,"active":1}""", "active", "`active` in the body must be true or false.")]
    [InlineData("""{"license_id":1,"user_id":1,"metadata":[]}""", "metadata", "`metadata` in the body must be a JSON object.")]
    public async Task An_error_is_reported_once_and_names_the_member(string body, string field, string message)
    {
        World world = await World.CreateAsync(host.Server);

        using HttpResponseMessage response = await world.SendAsync(HttpMethod.Post, $"{World.Assignment}?license_id=1", Json(body));

        JsonObject problem = await response.ProblemAsync(400, "invalid_request");
        Assert.Equal(new JsonObject { [field] = new JsonArray(message) }.ToJsonString(), problem["errors"]!.ToJsonString());
    }

    [Fact]
    public async Task An_empty_string_omits_a_string_member_like_null()
    {
        World world = await World.CreateAsync(host.Server);

        using HttpResponseMessage response = await world.PutAsync(world.User, new { email = "", platform_key = "", platform_org = "" });

        await response.OkAsync();
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("5")]
    [InlineData("""{"license_id":1} x""")]
    [InlineData("""{"license_id":1,}""")]
    [InlineData("""{"license_id":1 /* no comments */}""")]
    [InlineData("""{"license_id":01}""")]
    [InlineData("""{"license_id":NaN}""")]
    [InlineData("""{"license_id":1,"email":"\ud800@example.com"}""")]
    [InlineData("""{"license_id":1,"user_id":1,"metadata":{"a":"\udc00\ud800"}}""")]
    [InlineData("""{"license_id":1,"user_id":1,"metadata":{"\ud800":1}}""")]
    public async Task A_body_that_is_not_a_JSON_object_in_well_formed_Unicode_is_malformed(string body)
    {
        World world = await World.CreateAsync(host.Server);

        using HttpResponseMessage response = await world.SendAsync(HttpMethod.Post, $"{World.Assignment}?license_id=1", Json(body));

        await response.ProblemAsync(400, "malformed_json");
    }

    public static TheoryData<string, byte[]> NotUtf8 => new()
    {
        { "a byte that UTF-8 never has, in an address", [.. """{"license_id":1,"email":"a"""u8, 0xff, .. """@example.com"}"""u8] },
        { "the same in metadata", [.. """{"license_id":1,"user_id":1,"metadata":{"a":" """u8, 0xff, .. "\"}}"u8] },
        { "the same in the name of an unknown member", [.. """{"license_id":1,"user_id":1," """u8, 0xff, .. "\":1}"u8] },
        { "half a surrogate pair, encoded", [.. """{"license_id":1,"user_id":1,"metadata":{"a":" """u8, 0xed, 0xa0, 0x80, .. "\"}}"u8] },
        { "UTF-16", Encoding.Unicode.GetBytes("""{"license_id":1,"user_id":1}""") },
    };

    [Theory]
    [MemberData(nameof(NotUtf8))]
    public async Task Invalid_UTF_8_is_malformed(string kind, byte[] body)
    {
        World world = await World.CreateAsync(host.Server);

        using HttpResponseMessage response = await world.SendAsync(HttpMethod.Post, $"{World.Assignment}?license_id=1", new ByteArrayContent(body));

        await response.ProblemAsync(400, "malformed_json");
        Assert.NotEmpty(kind);
    }

    [Fact]
    public async Task A_byte_order_mark_is_skipped()
    {
        World world = await World.CreateAsync(host.Server);
        byte[] body = [.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(world.Body(world.User).ToJsonString())];

        using HttpResponseMessage response = await world.SendAsync(HttpMethod.Post, $"{World.Assignment}?license_id=1", new ByteArrayContent(body));

        await response.OkAsync();
    }

    [Fact]
    public async Task The_last_of_repeated_members_counts_and_escaped_names_are_decoded()
    {
        World world = await World.CreateAsync(host.Server);

        using HttpResponseMessage response = await world.SendAsync(HttpMethod.Post, $"{World.Assignment}?license_id=1", Json($$"""
            {"license_id":"x","license\u005fid":1,"user_id":{{world.Users[1].Id}},"user_id":{{world.User.Id}},"active":true,"active":false}
            """));

        JsonObject answer = await response.OkAsync();
        Assert.Equal(world.User.Id, answer["user_id"]!.GetValue<long>());
        Assert.False(answer["active"]!.GetValue<bool>());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_body_of_64_KiB_is_accepted_and_a_larger_one_is_413_with_and_without_a_length(bool chunked)
    {
        World world = await World.CreateAsync(host.Server);

        using HttpResponseMessage fits = await SendAsync(64 * 1024);
        await fits.OkAsync();
        using HttpResponseMessage over = await SendAsync((64 * 1024) + 1);
        await over.ProblemAsync(413, "body_too_large");
        using HttpResponseMessage farOver = await SendAsync(1_000_000);
        await farOver.ProblemAsync(413, "body_too_large");

        async Task<HttpResponseMessage> SendAsync(int length)
        {
            string text = world.Body(world.User, new { unknown = "" }).ToJsonString();
            byte[] body = Encoding.UTF8.GetBytes(text.Replace("\"\"", $"\"{new string('x', length - text.Length)}\"", StringComparison.Ordinal));
            Assert.Equal(length, body.Length);
            return await world.SendAsync(
                HttpMethod.Post, $"{World.Assignment}?license_id=1", chunked ? new StreamContent(new Unseekable(body)) : new ByteArrayContent(body));
        }
    }

    [Fact]
    public async Task A_body_with_malformed_chunks_is_400()
    {
        World world = await World.CreateAsync(host.Server);
        using TcpClient client = new();
        await client.ConnectAsync(world.Client.BaseAddress!.Host, world.Client.BaseAddress.Port, World.Cancellation);
        NetworkStream stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"POST {World.Assignment}?license_id=1 HTTP/1.1\r\nHost: localhost\r\nAuthorization: {world.Key}\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\nnonsense\r\n"), World.Cancellation);

        using StreamReader reader = new(stream);
        string answer = await reader.ReadToEndAsync(World.Cancellation);

        Assert.StartsWith("HTTP/1.1 400", answer, StringComparison.Ordinal);
        Assert.Contains("\"code\":\"invalid_request\"", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_that_does_not_arrive_before_the_deadline_is_400()
    {
        HeldDeadlines deadlines = new();
        await using LocalHostServer server = await host.StartAnotherAsync(services => services.AddSingleton<TimeProvider>(deadlines));
        World world = await World.CreateAsync(server);
        using TcpClient client = new();
        await client.ConnectAsync(world.Client.BaseAddress!.Host, world.Client.BaseAddress.Port, World.Cancellation);
        NetworkStream stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"POST {World.Assignment}?license_id=1 HTTP/1.1\r\nHost: localhost\r\nAuthorization: {world.Key}\r\nContent-Length: 100\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n"), World.Cancellation);
        using StreamReader reader = new(stream);
        // The client is asked for the body when it is read.
        Assert.Equal("HTTP/1.1 100 Continue", await reader.ReadLineAsync(World.Cancellation));

        deadlines.Pass();

        Assert.Equal("", await reader.ReadLineAsync(World.Cancellation));
        Assert.Equal("HTTP/1.1 400 Bad Request", await reader.ReadLineAsync(World.Cancellation));
        const string length = "Content-Length: ";
        string? line;
        int bytes = 0;
        while ((line = await reader.ReadLineAsync(World.Cancellation)) is not (null or ""))
        {
            bytes = line.StartsWith(length, StringComparison.Ordinal) ? int.Parse(line.AsSpan(length.Length), CultureInfo.InvariantCulture) : bytes;
        }

        char[] body = new char[bytes];
        await reader.ReadBlockAsync(body, World.Cancellation);
        Assert.Contains("\"code\":\"invalid_request\"", new string(body), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metadata_of_32000_characters_is_kept_and_one_more_is_rejected()
    {
        World world = await World.CreateAsync(host.Server);
        static object Metadata(int length) => new { metadata = new { a = new string('x', length - """{"a":""}""".Length) } };

        using HttpResponseMessage kept = await world.PutAsync(world.User, Metadata(32_000));
        Assert.Equal(32_000, (await kept.OkAsync())["metadata"]!.ToJsonString().Length);
        using HttpResponseMessage refused = await world.PutAsync(world.User, Metadata(32_001));
        await refused.InvalidAsync("metadata");
    }

    [Fact]
    public async Task Metadata_of_32000_characters_of_two_bytes_is_kept_and_replaced()
    {
        World world = await World.CreateAsync(host.Server);
        foreach (char letter in "äö")
        {
            string metadata = $$"""{"a":"{{new string(letter, 32_000 - 8)}}"}""";
            using HttpResponseMessage response = await world.SendAsync(
                HttpMethod.Post, $"{World.Assignment}?license_id=1", Json($$"""{"license_id":1,"user_id":{{world.User.Id}},"metadata":{{metadata}}}"""));
            Assert.Contains($"\"metadata\":{metadata}", await response.Content.ReadAsStringAsync(World.Cancellation), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Metadata_nested_32_deep_is_kept_and_deeper_is_rejected(bool arrays)
    {
        World world = await World.CreateAsync(host.Server);

        using HttpResponseMessage kept = await PutAsync(32);
        await kept.OkAsync();
        foreach (int depth in new[] { 33, 63 })
        {
            using HttpResponseMessage refused = await PutAsync(depth);
            await refused.InvalidAsync("metadata");
        }

        // A body may be nested 64 deep, itself counted.
        foreach (int depth in new[] { 64, 30_000 })
        {
            using HttpResponseMessage malformed = await PutAsync(depth);
            await malformed.ProblemAsync(400, "malformed_json");
        }

        Task<HttpResponseMessage> PutAsync(int depth)
        {
            string metadata = arrays
                ? $$"""{"a":{{new string('[', depth - 1)}}{{new string(']', depth - 1)}}}"""
                : string.Concat(Enumerable.Repeat("""{"":""", Math.Min(depth, 12_000) - 1)) + "{" + new string('}', Math.Min(depth, 12_000));
            return world.SendAsync(HttpMethod.Post, $"{World.Assignment}?license_id=1", Json($$"""{"license_id":1,"user_id":{{world.User.Id}},"metadata":{{metadata}}}"""));
        }
    }

    [Theory]
    [InlineData("""{"number":[1e400,1.0,-0,9007199254740993,123456789012345678901234567890]}""")]
    [InlineData("{\"control\":\"\\u0000\\u0001\\b\\t\\n\\f\\r\\u001F\u007f\u0085\"}")]
    [InlineData("{\"noncharacter\":\"\ufffe\uffff\",\"separator\":\"\u2028\"}")]
    [InlineData("""{"":"","a b":{"$odata.type":"x","odata.etag":"y"},"PartitionKey":"z"}""")]
    [InlineData("""{"text":"äöü用户 </script> & ' + % # ? / ~"}""")]
    [InlineData("{\"emoji\":\"\ud83d\ude00\"}")]
    public async Task Metadata_is_returned_unchanged(string metadata)
    {
        World world = await World.CreateAsync(host.Server);

        for (int i = 0; i < 2; i++)
        {
            // The second response is read from storage.
            using HttpResponseMessage response = await world.SendAsync(
                HttpMethod.Post, $"{World.Assignment}?license_id=1", Json($$"""{"license_id":1,"user_id":{{world.User.Id}}, "metadata": {{metadata}}}"""));
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Contains($"\"metadata\":{metadata}", await response.Content.ReadAsStringAsync(World.Cancellation), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Any_username_is_returned_unchanged()
    {
        World world = await World.CreateAsync(host.Server);
        string name = "\u0001\t\n\u001f \"\\/<>&' äÄ用户 \u2028\ufffe\uffff \ud83d\ude00";
        User user = await world.AddUserAsync(name, email: null);

        using HttpResponseMessage response = await world.PutAsync(user);

        Assert.Equal(name, (await response.OkAsync())["username"]!.GetValue<string>());
    }

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    private sealed class Unseekable(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }

    /// <summary>The system clock, except that the test decides when the deadline of a request passes.</summary>
    private sealed class HeldDeadlines : TimeProvider
    {
        private readonly ConcurrentQueue<Action> _held = new();

        public void Pass()
        {
            foreach (Action deadline in _held)
            {
                deadline();
            }
        }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime != Deadlines.Request)
            {
                return base.CreateTimer(callback, state, dueTime, period);
            }

            _held.Enqueue(() => callback(state));
            return base.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, period);
        }
    }
}
