using System.Globalization;
using System.Net.Http.Headers;
using Microsoft.Extensions.Options;

namespace Functions.PublicCheck;

/// <summary>How callers without a valid API key are treated: section <c>PublicCheck</c> (environment: <c>PublicCheck__RequestsPerMinute</c>).</summary>
public sealed class PublicCheckOptions
{
    /// <summary>The section of the configuration that these are bound from.</summary>
    public const string Section = "PublicCheck";

    /// <summary>
    /// How many checks without a valid key one address may send in a minute, and how many keys that do not exist; of each
    /// instance. 0 for no limit.
    /// </summary>
    public int RequestsPerMinute { get; set; } = 60;

    /// <summary>
    /// The header with the client's address, which whatever stands before this app sets (Azure Front Door:
    /// <c>X-Azure-ClientIP</c>); null for the connection's own address. Name none that clients can set themselves.
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
                CultureInfo.InvariantCulture, $"PublicCheck__RequestsPerMinute is {options.RequestsPerMinute}: set a number, or 0 for no limit."));
        }

        return string.IsNullOrEmpty(options.ClientAddressHeader) || IsHeaderName(options.ClientAddressHeader)
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(
                "PublicCheck__ClientAddressHeader is no header's name: set one such as X-Azure-ClientIP, or remove it.");
    }

    private static bool IsHeaderName(string text) => NameValueHeaderValue.TryParse(text, out NameValueHeaderValue? header) && header.Name == text;
}
