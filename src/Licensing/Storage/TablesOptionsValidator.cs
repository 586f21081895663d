using Azure.Data.Tables;
using Microsoft.Extensions.Options;

namespace Licensing.Storage;

internal sealed class TablesOptionsValidator(IOptions<TableClientOptions> client) : IValidateOptions<TablesOptions>
{
    /// <summary>Table names have at most 63 characters, of which the names without prefix take up to 11.</summary>
    private const int MaxPrefixLength = 50;

    public ValidateOptionsResult Validate(string? name, TablesOptions options)
    {
        bool connectionString = !string.IsNullOrWhiteSpace(options.ConnectionString);
        if (connectionString == (options.Endpoint is not null))
        {
            return ValidateOptionsResult.Fail(connectionString
                ? "Tables__ConnectionString and Tables__Endpoint are both set: remove one of them."
                : "No storage is configured: set Tables__Endpoint (https://<account>.table.core.windows.net) or Tables__ConnectionString.");
        }

        if (connectionString && !IsConnectionString(options.ConnectionString!))
        {
            return ValidateOptionsResult.Fail(
                "Tables__ConnectionString is not a storage connection string: copy it from the account's access keys, or use UseDevelopmentStorage=true.");
        }

        if (options.Endpoint is { } endpoint && (!endpoint.IsAbsoluteUri || endpoint.Scheme != Uri.UriSchemeHttps))
        {
            return ValidateOptionsResult.Fail(
                "Tables__Endpoint must be an https:// address, because signing in with an identity needs TLS.");
        }

        string prefix = options.Prefix;
        return prefix.Length == 0 || (prefix.Length <= MaxPrefixLength && char.IsAsciiLetter(prefix[0]) && prefix.All(char.IsAsciiLetterOrDigit))
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(
                $"Tables__Prefix must be at most {MaxPrefixLength} letters and digits and start with a letter, as in a table name.");
    }

    private bool IsConnectionString(string text)
    {
        try
        {
            // With the options of the real client: the default ones would create a transport that is never used.
            _ = new TableServiceClient(text, client.Value);
            return true;
        }
        catch (Exception exception) when (exception is FormatException or InvalidOperationException or ArgumentException)
        {
            return false;
        }
    }
}
