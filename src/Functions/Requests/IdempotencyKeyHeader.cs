using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Functions.Requests;

/// <summary>The header <c>Idempotency-Key</c>: the client's identifier of a request; the client sends it again when it repeats the request.</summary>
internal static class IdempotencyKeyHeader
{
    private const string Name = "Idempotency-Key";

    private const int MaxLength = 255;

    /// <summary>Returns the key that the client sent, or null if it is missing or invalid.</summary>
    public static string? Read(HttpRequest request, ValidationErrors errors)
    {
        if (!request.Headers.TryGetValue(Name, out StringValues header))
        {
            return null;
        }

        if (header is [{ Length: >= 1 and <= MaxLength } key] && key.All(character => character is > ' ' and <= '~'))
        {
            return key;
        }

        errors.Add(Name, $"{Name} must be one header of 1 to {MaxLength} visible ASCII characters.");
        return null;
    }
}
