using System.Globalization;
using System.Net.Http.Headers;
using Microsoft.Extensions.Options;

namespace Functions.PublicCheck;

/// <summary>Limits for callers without a valid API key: section <c>PublicCheck</c> (environment: <c>PublicCheck__RequestsPerMinute</c>).</summary>
public sealed class PublicCheckOptions
{
    /// <summary>The configuration section of these options.</summary>
    public const string Section = "PublicCheck";

    /// <summary>
    /// Maximum checks without a valid API key per client address and minute, and maximum unknown API keys, on each
    /// instance. 0 turns the limits off.
    /// </summary>
    public int RequestsPerMinute { get; set; } = 60;

    /// <summary>
    /// The header in which a proxy in front of this app passes the client's address (Azure Front Door:
    /// <c>X-Azure-ClientIP</c>); null to use the address of the connection. Do not name a header that clients can set.
    /// </summary>
    public string? ClientAddressHeader { get; set; }
}

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
