using System.Text;
using Functions.Responses;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Xunit;

namespace Functions.Unit.Tests.Requests;

/// <summary>The media types, charsets and content encodings of a body.</summary>
public sealed class MediaTypesTests
{
    private const string Json = """{"license_id":1,"user_id":2}""";

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("application/json")]
    [InlineData("Application/JSON")]
    [InlineData("application/json; charset=utf-8")]
    [InlineData("application/json; charset=\"UTF-8\"")]
    [InlineData("application/json; charset=utf8")]
    [InlineData("application/json;charset=us-ascii")]
    [InlineData("application/json;charset=ASCII")]
    [InlineData("application/json; charset=")]
    [InlineData("application/json; odata=verbose")]
    [InlineData("application/scim+json")]
    [InlineData("application/vnd.api+json; charset=utf-8")]
    [InlineData("text/example+JSON")]
    public async Task JSON_is_accepted_under_its_media_types_and_without_one(string? mediaType) =>
        Assert.Equal(2, (await Posted.ReadAsync(Json, mediaType)).Valid.UserId);

    [Theory]
    [InlineData("application/x-www-form-urlencoded", "license_id=1&user_id=2")]
    [InlineData("Application/X-WWW-Form-UrlEncoded; charset=utf-8", "license_id=1&user_id=2")]
    [InlineData("Multipart/Form-Data; boundary=x", null)]
    public async Task A_form_is_accepted_under_its_media_type_in_any_case(string mediaType, string? form) =>
        Assert.Equal(2, (await Posted.ReadAsync(form ?? Posted.Multipart("Content-Disposition: form-data; name=unknown\r\n\r\n"), mediaType)).Valid.UserId);

    [Theory]
    [InlineData("text/plain")]
    [InlineData("text/json")]
    [InlineData("application/xml")]
    [InlineData("application/jsonp")]
    [InlineData("application/example+xml")]
    [InlineData("multipart/mixed; boundary=x")]
    [InlineData("*/*")]
    [InlineData("nonsense")]
    [InlineData("application/json, application/json")]
    public async Task Another_media_type_is_unsupported(string mediaType) =>
        Assert.Same(Problem.UnsupportedMediaType, (await Posted.ReadAsync(Json, mediaType)).Problem);

    [Theory]
    [InlineData("application/json; charset=utf-16")]
    [InlineData("application/json; charset=iso-8859-1")]
    [InlineData("application/scim+json; charset=nonsense")]
    [InlineData("application/x-www-form-urlencoded; charset=latin1")]
    [InlineData("multipart/form-data; boundary=x; charset=utf-16")]
    public async Task Another_charset_than_UTF_8_is_unsupported(string mediaType) =>
        Assert.Same(Problem.BodyNotUtf8, (await Posted.ReadAsync(Json, mediaType)).Problem);

    [Theory]
    [InlineData(false, "gzip")]
    [InlineData(false, "identity, gzip")]
    [InlineData(false, "identity", "br")]
    [InlineData(true, "identity")]
    [InlineData(true, "Identity")]
    [InlineData(true, "")]
    public async Task A_compressed_body_is_unsupported(bool accepted, params string[] encodings)
    {
        HttpRequest request = Posted.Request(new MemoryStream(Encoding.UTF8.GetBytes(Json)));
        request.Headers.ContentEncoding = new StringValues(encodings);

        Posted posted = await Posted.ReadAsync(request, TestContext.Current.CancellationToken);

        Assert.Same(accepted ? null : Problem.EncodedBody, posted.Problem);
        Assert.Equal(accepted ? 2 : null, posted.Body?.UserId);
    }
}
