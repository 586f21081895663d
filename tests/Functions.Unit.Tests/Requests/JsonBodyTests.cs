using System.Text;
using Functions.Requests;
using Functions.Responses;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Functions.Unit.Tests.Requests;

/// <summary>The members of a JSON body, and invalid bodies.</summary>
public sealed class JsonBodyTests
{
    [Fact]
    public async Task All_members_are_read()
    {
        Posted posted = await Posted.ReadAsync("""
            {
                "license_id": 1, "user_id": 9007199254740993, "email": "Ada@example.com", "platform_key": "acme", "platform_org": "Acme",
                "active": false, "fulfilled": true, "metadata": {"a": [1, null]}, "unknown": [{}]
            }
            """);

        AssignmentBody body = posted.Valid;
        Assert.Equal(9_007_199_254_740_993, body.UserId);
        Assert.Equal("Ada@example.com", body.Email?.Text);
        Assert.Equal(("acme", "Acme"), (body.PlatformKey, body.PlatformOrg));
        Assert.Equal((false, true), (body.Active, body.Fulfilled));
        Assert.Equal("""{"a":[1,null]}""", body.Metadata);
    }

    [Theory]
    [InlineData("""{"license_id":1,"user_id":2}""")]
    [InlineData("""{"license_id":1,"user_id":2,"email":null,"platform_key":null,"platform_org":null,"active":null,"fulfilled":null,"metadata":null}""")]
    [InlineData("""{"license_id":1,"user_id":2,"email":"","platform_key":"","platform_org":""}""")]
    [InlineData("""{"license_id":1,"user_id":2,"EMAIL":"nobody","Active":0}""")]
    public async Task An_omitted_member_a_null_and_an_empty_string_take_the_default(string body) =>
        Assert.Equal(
            new AssignmentBody(2, Email: null, PlatformKey: null, PlatformOrg: null, Active: true, Fulfilled: false, Metadata: null),
            (await Posted.ReadAsync(body)).Valid);

    [Theory]
    [InlineData("""{"user_id":1}""", "`license_id` in the body is required.")]
    [InlineData("""{"license_id":null,"user_id":1}""", "`license_id` in the body is required.")]
    [InlineData("""{"License_Id":1,"user_id":1}""", "`license_id` in the body is required.")]
    [InlineData("""{"license_id":"1","user_id":1}""", "`license_id` in the body must be a 64-bit integer.")]
    [InlineData("""{"license_id":2,"user_id":1}""", "`license_id` in the body must equal the one in the query.")]
    [InlineData("""{"license_id":1}""", "`user_id` or `email` in the body is required.")]
    [InlineData("""{"license_id":1,"user_id":null,"email":null}""", "`user_id` or `email` in the body is required.")]
    [InlineData("""{"license_id":1,"email":""}""", "`user_id` or `email` in the body is required.")]
    [InlineData("""{"license_id":1,"user_id":"1"}""", "`user_id` in the body must be a 64-bit integer.")]
    [InlineData("""{"license_id":1,"user_id":1.0}""", "`user_id` in the body must be a 64-bit integer.")]
    [InlineData("""{"license_id":1,"user_id":9223372036854775808}""", "`user_id` in the body must be a 64-bit integer.")]
    [InlineData("""{"license_id":1,"email":5}""", "`email` in the body must be a string.")]
    [InlineData("""{"license_id":1,"email":"nobody"}""", "`email` in the body must be an e-mail address.")]
    [InlineData("""{"license_id":1,"email":"a b@example.com"}""", "`email` in the body must be an e-mail address.")]
    [InlineData("""{"license_id":1,"user_id":1,"platform_key":5}""", "`platform_key` in the body must be a string.")]
    [InlineData("""{"license_id":1,"user_id":1,"platform_org":{}}""", "`platform_org` in the body must be a string.")]
    [InlineData("""{"license_id":1,"user_id":1,"active":""}""", "`active` in the body must be true or false.")]
    [InlineData("""{"license_id":1,"user_id":1,"fulfilled":"false"}""", "`fulfilled` in the body must be true or false.")]
    [InlineData("""{"license_id":1,"user_id":1,"metadata":"{}"}""", "`metadata` in the body must be a JSON object.")]
    [InlineData("""{"license_id":1,"user_id":1,"metadata":[]}""", "`metadata` in the body must be a JSON object.")]
    public async Task An_error_is_reported_once_and_names_the_member(string body, string message) =>
        Assert.Equal([message], (await Posted.ReadAsync(body)).Messages);

    [Fact]
    public async Task All_errors_of_a_request_are_reported_at_once()
    {
        Posted posted = await Posted.ReadAsync("""
            {"license_id":"5","user_id":1.5,"email":"nobody","platform_key":1,"platform_org":2,"active":"true","fulfilled":0,"metadata":[]}
            """);

        Assert.Equal(
            ["active", "email", "fulfilled", "license_id", "metadata", "platform_key", "platform_org", "user_id"], posted.Fields.Order());
    }

    [Fact]
    public async Task An_invalid_license_in_the_query_is_one_error()
    {
        ValidationErrors errors = new();
        AssignmentQuery query = AssignmentQuery.Read(new QueryString("?license_id=x"), withAssignmentId: false, errors);
        HttpRequest request = Posted.Request(new MemoryStream("""{"license_id":1,"user_id":2}"""u8.ToArray()));

        _ = await RequestBody.ReadAsync(request, query, errors, TestContext.Current.CancellationToken);

        Assert.Equal(["`license_id` in the query must be a 64-bit integer."], errors.Messages());
    }

    [Fact]
    public async Task The_last_of_repeated_members_counts_and_escaped_names_and_values_are_decoded()
    {
        Posted posted = await Posted.ReadAsync("""
            {"license_id":"x","license\u005fid":1,"user_id":2,"email":"\u0061da@example.com","active":true,"active":false,"platform_key":"\ud83d\ude00"}
            """);

        AssignmentBody body = posted.Valid;
        Assert.Equal("ada@example.com", body.Email?.Text);
        Assert.False(body.Active);
        Assert.Equal("\ud83d\ude00", body.PlatformKey);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("5")]
    [InlineData("""{"license_id":1,"user_id":1} x""")]
    [InlineData("""{"license_id":1,"user_id":1,}""")]
    [InlineData("""{"license_id":1,"user_id":1 /* no comments */}""")]
    [InlineData("""{"license_id":01,"user_id":1}""")]
    [InlineData("""{"license_id":1,"user_id":1,"unknown":"\ud800"}""")]
    [InlineData("""{"license_id":1,"user_id":1,"metadata":{"a":["\udc00\ud800"]}}""")]
    [InlineData("""{"license_id":1,"user_id":1,"metadata":{"\ud800":1}}""")]
    public async Task A_body_that_is_not_a_JSON_object_in_well_formed_Unicode_is_malformed(string body) =>
        Assert.Same(Problem.MalformedJson, (await Posted.ReadAsync(body)).Problem);

    [Fact]
    public async Task Invalid_UTF_8_is_malformed()
    {
        byte[] notText = [.. """{"license_id":1,"user_id":1,"unknown":" """u8, 0xff, .. "\"}"u8];

        Assert.Same(Problem.MalformedJson, (await Posted.ReadAsync(notText)).Problem);
        Assert.Same(Problem.MalformedJson, (await Posted.ReadAsync(Encoding.Unicode.GetBytes("""{"license_id":1,"user_id":1}"""))).Problem);
    }

    [Fact]
    public async Task A_body_may_be_nested_64_deep()
    {
        static string Nested(int depth) =>
            $$"""{"license_id":1,"user_id":2,"unknown":{{new string('[', depth - 1)}}{{new string(']', depth - 1)}}}""";

        Assert.Equal(2, (await Posted.ReadAsync(Nested(64))).Valid.UserId);
        Assert.Same(Problem.MalformedJson, (await Posted.ReadAsync(Nested(65))).Problem);
    }

    [Fact]
    public async Task A_byte_order_mark_is_skipped()
    {
        byte[] body = [.. Encoding.UTF8.Preamble, .. """{"license_id":1,"user_id":2}"""u8];

        Assert.Equal(2, (await Posted.ReadAsync(body)).Valid.UserId);
    }
}
