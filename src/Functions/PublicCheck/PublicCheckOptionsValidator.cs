using System.Globalization;
using System.Net.Http.Headers;
using Microsoft.Extensions.Options;

namespace Functions.PublicCheck;

internal sealed class PublicCheckOptionsValidator : IValidateOptions<PublicCheckOptions>
{
    public ValidateOptionsResult Validate(string? name, PublicCheckOptions options)
    {
        if (options.RequestsPerMinute < 0)
        {
            return ValidateOptionsResult.Fail(string.Create(
                CultureInfo.InvariantCulture, $"PublicCheck__RequestsPerMinute is {options.RequestsPerMinute}: set a positive number, or 0 for no limit."));
        }

        return string.IsNullOrEmpty(options.ClientAddressHeader) || IsHeaderName(options.ClientAddressHeader)
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(
                "PublicCheck__ClientAddressHeader is not a header name: set one such as X-Azure-ClientIP, or remove the setting.");
    }

    private static bool IsHeaderName(string text) => NameValueHeaderValue.TryParse(text, out NameValueHeaderValue? header) && header.Name == text;
}
