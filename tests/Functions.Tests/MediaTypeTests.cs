using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Xunit;

namespace Functions.Tests;

/// <summary>The media types of POST: JSON, types based on it, forms, and unsupported ones.</summary>
public sealed class MediaTypeTests(ApiHost host)
{
    private const string UrlEncoded = "application/x-www-form-urlencoded";

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("application/json")]
    [InlineData("Application/JSON")]
    [InlineData("application/json; charset=utf-8")]
    [InlineData("application/json; charset=\"UTF-8\"")]
    [InlineData("application/json;charset=us-ascii")]
    [InlineData("application/json; odata=verbose")]
    [InlineData("application/scim+json")]
    [InlineData("application/vnd.api+json; charset=utf-8")]
    [InlineData("text/example+JSON")]
    public async Task JSON_is_accepted_under_its_media_types_and_without_one(string? mediaType)
    {
        World world = await World.CreateAsync(host.Server);

        using HttpResponseMessage response = await SendAsync(world, world.Body(world.User).ToJsonString(), mediaType);

        await response.OkAsync();
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("text/json")]
    [InlineData("application/xml")]
    [InlineData("application/jsonp")]
    [InlineData("application/octet-stream")]
    [InlineData("multipart/mixed; boundary=x")]
    [InlineData("*/*")]
    [InlineData("nonsense")]
    [InlineData("application/json, application/json")]
    public async Task Another_media_type_is_415(string mediaType)
    {
        World world = await World.CreateAsync(host.Server);

        using HttpResponseMessage response = await SendAsync(world, world.Body(world.User).ToJsonString(), mediaType);

        await response.ProblemAsync(415, "unsupported_media_type");
    }

    [Theory]
    [InlineData("application/json; charset=utf-16")]
    [InlineData("application/json; charset=iso-8859-1")]
    [InlineData("application/scim+json; charset=nonsense")]
    [InlineData("application/x-www-form-urlencoded; charset=latin1")]
    [InlineData("multipart/form-data; boundary=x; charset=utf-16")]
    public async Task Another_charset_than_UTF_8_is_415(string mediaType)
    {
        World world = await World.CreateAsync(host.Server);

        using HttpResponseMessage response = await SendAsync(world, world.Body(world.User).ToJsonString(), mediaType);

        JsonObject problem = await response.ProblemAsync(415, "unsupported_media_type");
        Assert.Equal("Send it in UTF-8.", problem["detail"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("gzip", false)]
    [InlineData("br", false)]
    [InlineData("identity, gzip", false)]
    [InlineData("identity", true)]
    [InlineData("Identity", true)]
    public async Task A_compressed_body_is_415_and_says_so(string encoding, bool taken)
    {
        World world = await World.CreateAsync(host.Server);
        using ByteArrayContent body = new(Encoding.UTF8.GetBytes(world.Body(world.User).ToJsonString()));
        Assert.True(body.Headers.TryAddWithoutValidation("Content-Encoding", encoding));

        using HttpResponseMessage response = await world.SendAsync(HttpMethod.Post, $"{World.Assignment}?license_id=1", body);

        if (taken)
        {
            await response.OkAsync();
        }
        else
        {
            JsonObject problem = await response.ProblemAsync(415, "unsupported_media_type");
            Assert.Equal("Send it uncompressed, without Content-Encoding.", problem["detail"]!.GetValue<string>());
        }
    }

    [Theory]
    [InlineData("text/html")]
    [InlineData("application/xml;q=1, */*;q=0")]
    [InlineData("nonsense")]
    public async Task Accept_is_ignored(string accept)
    {
        World world = await World.CreateAsync(host.Server);
        foreach ((string key, int status) in new[] { (world.Key, 200), ("", 401) })
        {
            using HttpRequestMessage request = new(HttpMethod.Post, $"{World.Assignment}?license_id=1");
            request.Content = new StringContent(world.Body(world.User).ToJsonString(), Encoding.UTF8, "application/json");
            request.Headers.TryAddWithoutValidation("Authorization", key);
            Assert.True(request.Headers.TryAddWithoutValidation("Accept", accept));
            using HttpResponseMessage response = await world.Client.SendAsync(request, World.Cancellation);

            if (status == 200)
            {
                await response.OkAsync();
            }
            else
            {
                await response.ProblemAsync(401, "unauthenticated");
            }
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_form_can_express_everything_that_JSON_can(bool multipart)
    {
        World world = await World.CreateAsync(host.Server);
        (string, string)[] fields =
        [
            ("license_id", "1"),
            ("user_id", $"{world.User.Id}"),
            ("email", world.User.Email!.Text),
            ("platform_key", world.Platform.Key),
            ("platform_org", world.Platform.Org!),
            ("active", "false"),
            ("fulfilled", "true"),
            ("metadata", """{ "a": "ä + & = % \ud83d\ude00", "n": 1e3 }"""),
            ("unknown", "x"),
            ("unknown", "y"),
        ];

        using HttpResponseMessage response = await SendFormAsync(world, multipart, fields);

        JsonObject answer = await response.OkAsync();
        Assert.Equal(world.User.Id, answer["user_id"]!.GetValue<long>());
        Assert.False(answer["active"]!.GetValue<bool>());
        Assert.True(answer["fulfilled"]!.GetValue<bool>());
        Assert.Equal("ä + & = % \ud83d\ude00", answer["metadata"]!["a"]!.GetValue<string>());
        Assert.Equal("1e3", answer["metadata"]!["n"]!.ToJsonString());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_empty_or_omitted_field_takes_its_default(bool multipart)
    {
        World world = await World.CreateAsync(host.Server);

        using HttpResponseMessage empty = await SendFormAsync(
            world, multipart, [("license_id", "1"), ("user_id", $"{world.User.Id}"), ("email", ""), ("platform_key", ""), ("platform_org", ""), ("active", ""), ("fulfilled", ""), ("metadata", "")]);
        using HttpResponseMessage leftOut = await SendFormAsync(world, multipart, [("license_id", "1"), ("user_id", $"{world.User.Id}")]);

        JsonObject answer = await empty.OkAsync();
        Assert.Equal(answer.ToJsonString(), (await leftOut.OkAsync()).ToJsonString());
        Assert.True(answer["active"]!.GetValue<bool>());
    }

    [Theory]
    [InlineData("license_id", "")]
    [InlineData("license_id", "2")]
    [InlineData("license_id", "1.0")]
    [InlineData("license_id", " 1")]
    [InlineData("license_id", "0x1")]
    [InlineData("user_id", "1e3")]
    [InlineData("user_id", "null")]
    [InlineData("user_id", "1\0")]
    [InlineData("user_id", "9223372036854775808")]
    [InlineData("email", "nobody")]
    [InlineData("active", "yes")]
    [InlineData("active", "1")]
    [InlineData("fulfilled", "null")]
    [InlineData("metadata", "[]")]
    [InlineData("metadata", "{")]
    [InlineData("metadata", "null")]
    [InlineData("metadata", """{"a":"\ud800"}""")]
    public async Task A_form_field_that_breaks_a_rule_is_rejected(string name, string value)
    {
        World world = await World.CreateAsync(host.Server);
        Dictionary<string, string> fields = new() { ["license_id"] = "1", ["user_id"] = $"{world.User.Id}", [name] = value };
        foreach (bool multipart in new[] { false, true })
        {
            using HttpResponseMessage response = await SendFormAsync(world, multipart, [.. fields.Select(field => (field.Key, field.Value))]);
            await response.InvalidAsync(name);
        }
    }

    [Theory]
    [InlineData("true")]
    [InlineData("True")]
    [InlineData("TRUE")]
    public async Task True_and_false_may_have_any_case(string value)
    {
        World world = await World.CreateAsync(host.Server);

        using HttpResponseMessage response = await SendFormAsync(
            world, multipart: false, [("license_id", "1"), ("user_id", $"{world.User.Id}"), ("fulfilled", value)]);

        Assert.True((await response.OkAsync())["fulfilled"]!.GetValue<bool>());
    }

    [Fact]
    public async Task Field_names_are_case_sensitive_and_all_errors_are_reported_at_once()
    {
        World world = await World.CreateAsync(host.Server);
        foreach (bool multipart in new[] { false, true })
        {
            using HttpResponseMessage response = await SendFormAsync(
                world, multipart, [("LICENSE_ID", "1"), ("user_id", "a"), ("active", "b"), ("metadata", "c"), ("email", "d"), ("email", "e")]);
            await response.InvalidAsync("license_id", "user_id", "active", "metadata", "email");
        }
    }

    [Theory]
    [InlineData("license_id", "1", "1")]
    [InlineData("email", "", "user0@example.com")]
    [InlineData("email", "user0@example.com", "")]
    [InlineData("email", "", "")]
    [InlineData("user_id", "1", "")]
    [InlineData("platform_key", "", "")]
    [InlineData("active", "", "false")]
    [InlineData("metadata", "{}", "")]
    public async Task A_repeated_field_is_rejected_even_if_one_value_is_empty(string name, string one, string other)
    {
        World world = await World.CreateAsync(host.Server);
        foreach (bool multipart in new[] { false, true })
        {
            using HttpResponseMessage response = await SendFormAsync(
                world, multipart, [.. new[] { ("license_id", "1"), ("user_id", "1") }.Where(field => field.Item1 != name), (name, one), (name, other)]);

            JsonObject problem = await response.ProblemAsync(400, "invalid_request");
            Assert.Equal(
                new JsonObject { [name] = new JsonArray($"`{name}` in the body must not be repeated.") }.ToJsonString(),
                problem["errors"]!.ToJsonString());
        }
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task A_form_over_64_KiB_is_413_with_and_without_a_length(bool multipart, bool chunked)
    {
        World world = await World.CreateAsync(host.Server);

        using HttpResponseMessage response = await SendFormAsync(
            world, multipart, [("license_id", "1"), ("user_id", $"{world.User.Id}"), ("unknown", new string('x', 64 * 1024))], chunked);

        await response.ProblemAsync(413, "body_too_large");
    }

    [Fact]
    public async Task Unknown_fields_are_ignored_however_many_there_are()
    {
        World world = await World.CreateAsync(host.Server);
        string form = $"license_id=1&user_id={world.User.Id}&{string.Join('&', Enumerable.Range(0, 9_000).Select(i => $"f{i}"))}";

        using HttpResponseMessage response = await SendAsync(world, form, UrlEncoded);

        await response.OkAsync();
    }

    [Theory]
    [InlineData("\ufefflicense_id=1&user_id={0}")]
    [InlineData("&&license_id=%31&&user_id={0}&=&x")]
    [InlineData("license%5Fid=1&user_id={0}&x=%ff%zz%")]
    public async Task A_URL_encoded_form_is_read_as_browsers_send_it(string form)
    {
        World world = await World.CreateAsync(host.Server);

        using HttpResponseMessage response = await SendAsync(
            world, string.Format(System.Globalization.CultureInfo.InvariantCulture, form, world.User.Id), $"{UrlEncoded}; charset=UTF-8");

        await response.OkAsync();
    }

    [Fact]
    public async Task A_form_that_is_not_UTF_8_is_400()
    {
        World world = await World.CreateAsync(host.Server);
        byte[] body = [.. "license_id=1&email="u8, 0xe4, .. "@example.com"u8];
        using ByteArrayContent content = new(body);
        content.Headers.ContentType = new MediaTypeHeaderValue(UrlEncoded);

        using HttpResponseMessage response = await world.SendAsync(HttpMethod.Post, $"{World.Assignment}?license_id=1", content);

        await response.ProblemAsync(400, "invalid_request");
    }

    [Theory]
    [InlineData("multipart/form-data", "--x\r\nContent-Disposition: form-data; name=license_id\r\n\r\n1\r\n--x--\r\n")]
    [InlineData("multipart/form-data; boundary=\"\"", "--x--\r\n")]
    [InlineData("multipart/form-data; boundary=x", "")]
    [InlineData("multipart/form-data; boundary=x", "license_id=1")]
    [InlineData("multipart/form-data; boundary=y", "--x\r\nContent-Disposition: form-data; name=license_id\r\n\r\n1\r\n--x--\r\n")]
    [InlineData("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=license_id\r\n\r\n1")]
    [InlineData("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=license_id")]
    [InlineData("multipart/form-data; boundary=x", "--x\r\n\r\n1\r\n--x--\r\n")]
    [InlineData("multipart/form-data; boundary=x", "--x\r\nnonsense\r\n\r\n1\r\n--x--\r\n")]
    [InlineData("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: ;;;\r\n\r\n1\r\n--x--\r\n")]
    public async Task A_multipart_form_that_cannot_be_parsed_is_400(string mediaType, string form)
    {
        World world = await World.CreateAsync(host.Server);

        using HttpResponseMessage response = await SendAsync(world, form, mediaType);

        await response.ProblemAsync(400, "invalid_request");
    }

    [Fact]
    public async Task An_excessive_boundary_or_part_header_is_400()
    {
        World world = await World.CreateAsync(host.Server);
        string boundary = new('x', 5_000);

        using HttpResponseMessage longBoundary = await SendAsync(world, $"--{boundary}--\r\n", $"multipart/form-data; boundary={boundary}");
        await longBoundary.ProblemAsync(400, "invalid_request");
        string headers = string.Concat(Enumerable.Range(0, 1_000).Select(i => $"h{i}: 1\r\n"));
        using HttpResponseMessage manyHeaders = await SendAsync(world, $"--x\r\n{headers}\r\n1\r\n--x--\r\n", "multipart/form-data; boundary=x");
        await manyHeaders.ProblemAsync(400, "invalid_request");
        using HttpResponseMessage longHeader = await SendAsync(world, $"--x\r\nh: {new string('x', 60_000)}\r\n\r\n1\r\n--x--\r\n", "multipart/form-data; boundary=x");
        await longHeader.ProblemAsync(400, "invalid_request");
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("Application/JSON; charset=UTF-8")]
    [InlineData("application/scim+json")]
    public async Task Metadata_may_come_as_a_browsers_Blob(string mediaType)
    {
        World world = await World.CreateAsync(host.Server);

        using HttpResponseMessage response = await SendPartsAsync(
            world, $"Content-Disposition: form-data; name=\"metadata\"; filename=\"blob\"\r\nContent-Type: {mediaType}\r\n\r\n\ufeff{{\"x\":1}}");

        Assert.Equal("""{"x":1}""", (await response.OkAsync())["metadata"]!.ToJsonString());
    }

    [Theory]
    [InlineData("name=metadata; filename=m.txt", "text/plain", "metadata")]
    [InlineData("name=metadata; filename=m.json", null, "metadata")]
    [InlineData("name=metadata; filename=m.json", "nonsense", "metadata")]
    [InlineData("name=email; filename=blob", "application/json", "email")]
    [InlineData("name=active; filename*=utf-8''blob", "application/json", "active")]
    [InlineData("name=photo; filename=photo.png", "image/png", null)]
    [InlineData("name=photo; filename=photo.png", "text/plain; charset=utf-16", null)]
    [InlineData("filename=photo.png", "image/png", null)]
    public async Task A_file_is_rejected_for_a_text_field_and_ignored_for_an_unknown_field(string part, string? mediaType, string? field)
    {
        World world = await World.CreateAsync(host.Server);
        string type = mediaType is null ? "" : $"\r\nContent-Type: {mediaType}";

        using HttpResponseMessage response = await SendPartsAsync(world, $"Content-Disposition: form-data; {part}{type}\r\n\r\n");

        if (field is null)
        {
            await response.OkAsync();
        }
        else
        {
            await response.InvalidAsync(field);
        }
    }

    [Theory]
    [InlineData("name=photo; filename=a.png", true)]
    [InlineData("name=unknown", true)]
    [InlineData("name=email", false)]
    [InlineData("name=metadata; filename=blob", false)]
    public async Task An_unknown_part_may_hold_any_bytes_and_a_field_only_UTF_8(string part, bool taken)
    {
        World world = await World.CreateAsync(host.Server);
        byte[] form = Encoding.Latin1.GetBytes(Parts(world, $"Content-Disposition: form-data; {part}\r\nContent-Type: application/json\r\n\r\n\u00ff"));
        using ByteArrayContent content = new(form);
        content.Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data; boundary=x");

        using HttpResponseMessage response = await world.SendAsync(HttpMethod.Post, $"{World.Assignment}?license_id=1", content);

        if (taken)
        {
            await response.OkAsync();
        }
        else
        {
            JsonObject problem = await response.ProblemAsync(400, "invalid_request");
            Assert.Equal("The body is not a well-formed form.", problem["title"]!.GetValue<string>());
        }
    }

    [Theory]
    [InlineData("utf-7", false)]
    [InlineData("utf-16", false)]
    [InlineData("utf-32", false)]
    [InlineData("iso-8859-1", false)]
    [InlineData("ibm037", false)]
    [InlineData("nonsense", false)]
    [InlineData("utf-8", true)]
    [InlineData("\"UTF-8\"", true)]
    [InlineData("US-ASCII", true)]
    [InlineData("", true)]
    public async Task A_form_part_may_be_UTF_8_or_ASCII_only(string charset, bool taken)
    {
        World world = await World.CreateAsync(host.Server);
        foreach (string name in new[] { "fulfilled", "metadata" })
        {
            using HttpResponseMessage response = await SendPartsAsync(
                world,
                $"Content-Disposition: form-data; name={name}\r\nContent-Type: text/plain; charset={charset}\r\n\r\n{(name == "metadata" ? "{}" : "true")}");

            if (taken)
            {
                await response.OkAsync();
            }
            else
            {
                await response.ProblemAsync(415, "unsupported_media_type");
            }
        }
    }

    [Theory]
    [InlineData("CONTENT-DISPOSITION: FORM-DATA; NAME=fulfilled\r\n\r\ntrue", "true")]
    [InlineData("content-disposition:form-data;name=\"fulfilled\"\r\nCONTENT-TYPE: TEXT/PLAIN; CHARSET=UTF-8\r\n\r\ntrue", "true")]
    [InlineData("Content-Disposition: Form-Data; Name=metadata; FileName=blob\r\ncontent-type: APPLICATION/JSON\r\n\r\n{}", "false")]
    [InlineData("Content-Disposition: form-data; name=FULFILLED\r\n\r\ntrue", "false")]
    public async Task Part_headers_are_case_insensitive_and_field_names_case_sensitive(string part, string fulfilled)
    {
        World world = await World.CreateAsync(host.Server);

        using HttpResponseMessage response = await SendPartsAsync(world, part);

        Assert.Equal(fulfilled, (await response.OkAsync())["fulfilled"]!.ToJsonString());
    }

    [Theory]
    [InlineData("application/x-www-form-urlencoded", """{"license_id": 1, "user_id": 1}""")]
    [InlineData("application/x-www-form-urlencoded", "\ufeff\r\n { \"license_id\": 1, \"email\": \"a&license_id=1\" }")]
    [InlineData("application/x-www-form-urlencoded", "[1]")]
    [InlineData("application/x-www-form-urlencoded", """{"license_id": 1,""")]
    [InlineData("multipart/form-data", """{"license_id": 1, "user_id": 1}""")]
    [InlineData("multipart/form-data; boundary=x", """{"license_id": 1, "user_id": 1}""")]
    public async Task JSON_sent_as_a_form_is_400_and_the_response_names_the_header(string mediaType, string body)
    {
        World world = await World.CreateAsync(host.Server);

        using HttpResponseMessage response = await SendAsync(world, body, mediaType);

        JsonObject problem = await response.ProblemAsync(400, "invalid_request");
        Assert.Equal("The body looks like JSON, but Content-Type says it is a form.", problem["title"]!.GetValue<string>());
        Assert.Equal("Send JSON with the header Content-Type: application/json.", problem["detail"]!.GetValue<string>());
        Assert.Null(problem["errors"]);
    }

    /// <summary>Sends a form of a license, a user and this part, its headers included.</summary>
    private static Task<HttpResponseMessage> SendPartsAsync(World world, string part) =>
        SendAsync(world, Parts(world, part), "multipart/form-data; boundary=x");

    private static string Parts(World world, string part) => string.Concat(
        new[]
        {
            "Content-Disposition: form-data; name=license_id\r\n\r\n1",
            $"Content-Disposition: form-data; name=user_id\r\n\r\n{world.User.Id}",
            part,
        }.Select(each => $"--x\r\n{each}\r\n")) + "--x--\r\n";

    private static async Task<HttpResponseMessage> SendAsync(World world, string body, string? mediaType)
    {
        using ByteArrayContent content = new(Encoding.UTF8.GetBytes(body));
        Assert.True(mediaType is null || content.Headers.TryAddWithoutValidation("Content-Type", mediaType));
        return await world.SendAsync(HttpMethod.Post, $"{World.Assignment}?license_id=1", content);
    }

    private static async Task<HttpResponseMessage> SendFormAsync(
        World world, bool multipart, (string Name, string Value)[] fields, bool chunked = false)
    {
        using HttpContent form = multipart ? Multipart(fields) : new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value)));
        using HttpRequestMessage request = new(HttpMethod.Post, $"{World.Assignment}?license_id=1") { Content = form };
        request.Headers.TryAddWithoutValidation("Authorization", world.Key);
        request.Headers.TransferEncodingChunked = chunked;
        return await world.Client.SendAsync(request, World.Cancellation);
    }

    private static MultipartFormDataContent Multipart((string Name, string Value)[] fields)
    {
        MultipartFormDataContent form = [];
        foreach ((string name, string value) in fields)
        {
            form.Add(new StringContent(value), name);
        }

        return form;
    }
}
