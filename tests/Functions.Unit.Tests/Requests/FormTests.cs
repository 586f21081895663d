using System.Text;
using Functions.Requests;
using Functions.Responses;
using Xunit;

namespace Functions.Unit.Tests.Requests;

/// <summary>The fields of URL-encoded and multipart forms.</summary>
public sealed class FormTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_form_can_express_everything_that_JSON_can(bool multipart)
    {
        Posted posted = await Posted.ReadFormAsync(
            multipart,
            ("license_id", "1"),
            ("user_id", "-2"),
            ("email", "ada+x@example.com"),
            ("platform_key", "acme"),
            ("platform_org", " Acme & Söhne"),
            ("active", "False"),
            ("fulfilled", "TRUE"),
            ("metadata", """{ "a": "ä + & = %", "n": 1e3 }"""),
            ("unknown", "x"),
            ("unknown", "y"));

        AssignmentBody body = posted.Valid;
        Assert.Equal(-2, body.UserId);
        Assert.Equal("ada+x@example.com", body.Email?.Text);
        Assert.Equal(("acme", " Acme & Söhne"), (body.PlatformKey, body.PlatformOrg));
        Assert.Equal((false, true), (body.Active, body.Fulfilled));
        Assert.Equal("""{"a":"ä + & = %","n":1e3}""", body.Metadata);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_empty_or_omitted_field_takes_its_default(bool multipart)
    {
        AssignmentBody defaults = new(2, Email: null, PlatformKey: null, PlatformOrg: null, Active: true, Fulfilled: false, Metadata: null);

        Posted omitted = await Posted.ReadFormAsync(multipart, ("license_id", "1"), ("user_id", "2"));
        Posted empty = await Posted.ReadFormAsync(
            multipart, ("license_id", "1"), ("user_id", "2"), ("email", ""), ("platform_key", ""), ("platform_org", ""), ("active", ""), ("fulfilled", ""), ("metadata", ""));

        Assert.Equal(defaults, omitted.Valid);
        Assert.Equal(defaults, empty.Valid);
    }

    [Theory]
    [InlineData("license_id", "", "`license_id` in the body is required.")]
    [InlineData("license_id", "2", "`license_id` in the body must equal the one in the query.")]
    [InlineData("license_id", "1.0", "`license_id` in the body must be a 64-bit integer.")]
    [InlineData("user_id", "", "`user_id` or `email` in the body is required.")]
    [InlineData("user_id", "1\0", "`user_id` in the body must be a 64-bit integer.")]
    [InlineData("email", "nobody", "`email` in the body must be an e-mail address.")]
    [InlineData("active", "yes", "`active` in the body must be true or false.")]
    [InlineData("fulfilled", "1", "`fulfilled` in the body must be true or false.")]
    [InlineData("metadata", "[]", "`metadata` in the body must be a JSON object.")]
    [InlineData("metadata", "{", "`metadata` in the body must be a JSON object.")]
    [InlineData("metadata", """{"a":"\ud800"}""", "`metadata` in the body must be a JSON object.")]
    public async Task A_form_field_that_breaks_a_rule_is_rejected(string name, string value, string message)
    {
        Dictionary<string, string> fields = new() { ["license_id"] = "1", ["user_id"] = "2", [name] = value };
        foreach (bool multipart in new[] { false, true })
        {
            Posted posted = await Posted.ReadFormAsync(multipart, [.. fields.Select(field => (field.Key, field.Value))]);

            Assert.Equal([message], posted.Messages);
        }
    }

    [Theory]
    [InlineData("license_id", "1", "1")]
    [InlineData("user_id", "1", "")]
    [InlineData("email", "", "ada@example.com")]
    [InlineData("email", "", "")]
    [InlineData("active", "", "false")]
    [InlineData("fulfilled", "true", "true")]
    [InlineData("platform_key", "", "")]
    [InlineData("platform_org", "Acme", "Acme")]
    [InlineData("metadata", "{}", "")]
    public async Task A_repeated_field_is_rejected_once_even_if_one_value_is_empty(string name, string one, string other)
    {
        (string, string)[] fields = [.. new[] { ("license_id", "1"), ("user_id", "1") }.Where(field => field.Item1 != name), (name, one), (name, other), (name, one)];
        foreach (bool multipart in new[] { false, true })
        {
            Posted posted = await Posted.ReadFormAsync(multipart, fields);

            Assert.Equal([$"`{name}` in the body must not be repeated."], posted.Messages);
        }
    }

    [Fact]
    public async Task Field_names_are_case_sensitive_and_all_errors_are_reported_at_once()
    {
        foreach (bool multipart in new[] { false, true })
        {
            Posted posted = await Posted.ReadFormAsync(
                multipart, ("LICENSE_ID", "1"), ("user_id", "a"), ("active", "b"), ("metadata", "c"), ("email", "d"), ("email", "e"));

            Assert.Equal(["active", "email", "license_id", "metadata", "user_id"], posted.Fields.Order());
        }
    }

    [Theory]
    [InlineData("\ufefflicense_id=1&user_id=2")]
    [InlineData("&&license_id=%31&&user_id=2&=&x")]
    [InlineData("license%5Fid=1&user_id=2&x=%ff%zz%")]
    public async Task A_URL_encoded_form_is_read_as_browsers_send_it(string form) =>
        Assert.Equal(2, (await Posted.ReadAsync(form, $"{Posted.UrlEncoded}; charset=UTF-8")).Valid.UserId);

    [Fact]
    public async Task Unknown_fields_are_ignored_however_many_there_are()
    {
        string form = $"license_id=1&user_id=2&{string.Join('&', Enumerable.Range(0, 9_000).Select(i => $"f{i}"))}";

        Assert.Equal(2, (await Posted.ReadAsync(form, Posted.UrlEncoded)).Valid.UserId);
    }

    [Fact]
    public async Task An_unescaped_plus_sign_is_a_space_and_the_response_says_how_to_send_it()
    {
        Posted urlEncoded = await Posted.ReadAsync("license_id=1&email=a+b@example.com", Posted.UrlEncoded);
        Posted multipart = await Posted.ReadFormAsync(multipart: true, ("license_id", "1"), ("email", "a b@example.com"));

        Assert.Equal(["`email` in the body must be an e-mail address; send a plus sign as %2B."], urlEncoded.Messages);
        Assert.Equal(["`email` in the body must be an e-mail address."], multipart.Messages);
    }

    [Fact]
    public async Task A_form_that_is_not_UTF_8_is_malformed()
    {
        byte[] form = [.. "license_id=1&user_id=2&unknown="u8, 0xe4];

        Assert.Same(Problem.MalformedForm, (await Posted.ReadAsync(form, Posted.UrlEncoded)).Problem);
    }

    [Theory]
    [InlineData(Posted.UrlEncoded, """{"license_id": 1, "user_id": 1}""")]
    [InlineData(Posted.UrlEncoded, "\ufeff\r\n\t { \"license_id\": 1, \"email\": \"a&license_id=1\" }")]
    [InlineData(Posted.UrlEncoded, "[1]")]
    [InlineData("multipart/form-data", """{"license_id": 1, "user_id": 1}""")]
    [InlineData("multipart/form-data; boundary=x", """{"license_id": 1, "user_id": 1}""")]
    public async Task JSON_sent_as_a_form_is_an_error_that_names_the_header(string mediaType, string body)
    {
        Posted posted = await Posted.ReadAsync(body, mediaType);

        Assert.Same(Problem.JsonAsForm, posted.Problem);
        Assert.Equal("Send JSON with the header Content-Type: application/json.", posted.Problem!.Detail);
    }

    /// <summary>Only a byte order mark at the start of the file is removed.</summary>
    [Theory]
    [InlineData("\ufeff{}", true)]
    [InlineData("{\ufeff}", false)]
    public async Task Metadata_may_start_with_a_byte_order_mark(string metadata, bool valid)
    {
        Posted posted = await Posted.ReadFormAsync(multipart: true, ("license_id", "1"), ("user_id", "2"), ("metadata", metadata));

        Assert.Equal(valid ? "{}" : null, posted.Body!.Metadata);
        Assert.Equal(valid ? [] : ["`metadata` in the body must be a JSON object."], posted.Messages);
    }

    [Fact]
    public async Task A_known_form_part_that_is_not_UTF_8_is_malformed()
    {
        static byte[] Form(string name) => Encoding.Latin1.GetBytes(Posted.Multipart($"Content-Disposition: form-data; name={name}\r\n\r\n\u00ff"));

        Assert.Same(Problem.MalformedForm, (await Posted.ReadAsync(Form("platform_key"), "multipart/form-data; boundary=x")).Problem);
        Assert.Equal(2, (await Posted.ReadAsync(Form("unknown"), "multipart/form-data; boundary=x")).Valid.UserId);
    }
}
