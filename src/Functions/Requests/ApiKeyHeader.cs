using Licensing.ApiKeys;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Functions.Requests;

/// <summary>Reads the API key from the Authorization header, with or without one of the schemes that clients use.</summary>
internal static class ApiKeyHeader
{
    /// <summary>Returns null if the header is missing or malformed, which saves a storage call.</summary>
    public static ApiKeySecret? Read(HttpRequest request)
    {
        StringValues header = request.Headers.Authorization;
        if (header.Count != 1)
        {
            return null;
        }

        ReadOnlySpan<char> text = header[0].AsSpan().Trim(' ');
        int space = text.IndexOf(' ');
        if (space >= 0)
        {
            if (!IsScheme(text[..space]))
            {
                return null;
            }

            text = text[space..].TrimStart(' ');
        }

        return ApiKeySecret.TryParse(text, out ApiKeySecret? secret) ? secret : null;
    }

    private static bool IsScheme(ReadOnlySpan<char> text) =>
        text.Equals("Api-Key", StringComparison.OrdinalIgnoreCase)
        || text.Equals("Api-Token", StringComparison.OrdinalIgnoreCase)
        || text.Equals("Token", StringComparison.OrdinalIgnoreCase)
        || text.Equals("Bearer", StringComparison.OrdinalIgnoreCase);
}
