using System.Globalization;
using Functions.Requests;
using Licensing.ApiKeys;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Xunit;

namespace Functions.Unit.Tests.Requests;

public sealed class ApiKeyHeaderTests
{
    private static readonly string Key = ApiKeySecret.Create().Reveal();

    [Theory]
    [InlineData("{0}")]
    [InlineData("Api-Key {0}")]
    [InlineData("api-token {0}")]
    [InlineData("TOKEN {0}")]
    [InlineData("Bearer {0}")]
    [InlineData("  Bearer   {0} ")]
    public void A_key_is_accepted_alone_and_with_each_scheme(string header) => Assert.Equal(Key, Read(Format(header)));

    [Theory]
    [InlineData("")]
    [InlineData("YOUR_API_KEY_HERE")]
    [InlineData("Basic {0}")]
    [InlineData("Api {0}")]
    [InlineData("Api-Key")]
    [InlineData("Bearer{0}")]
    [InlineData("Token Token {0}")]
    [InlineData("{0}, {0}")]
    [InlineData("{0} Api-Key")]
    public void A_header_in_another_form_has_no_key(string header) => Assert.Null(Read(Format(header)));

    [Fact]
    public void A_missing_header_and_a_repeated_one_have_no_key()
    {
        Assert.Null(Read(StringValues.Empty));
        Assert.Null(Read(new StringValues([Key, Key])));
    }

    private static string? Read(StringValues header)
    {
        DefaultHttpContext context = new();
        context.Request.Headers.Authorization = header;
        return ApiKeyHeader.Read(context.Request)?.Reveal();
    }

    private static string Format(string header) => string.Format(CultureInfo.InvariantCulture, header, Key);
}
