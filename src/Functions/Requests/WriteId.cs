using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Functions.Requests;

/// <summary>Names a request, so that it is recognised when it comes again.</summary>
internal static class WriteId
{
    /// <summary>The client's own name for a request, which it keeps when it sends the request again.</summary>
    private const string KeyHeader = "Idempotency-Key";

    private const int MaxKeyLength = 255;

    /// <summary>
    /// The Functions host puts the invocation's id here, and keeps it when it delivers a request again because the
    /// connection to the worker failed.
    /// </summary>
    private const string InvocationHeader = "x-ms-invocation-id";

    /// <summary>The key that the client sent, or null when it sent none or a faulty one.</summary>
    public static string? ReadKey(HttpRequest request, ValidationErrors errors)
    {
        if (!request.Headers.TryGetValue(KeyHeader, out StringValues header))
        {
            return null;
        }

        if (header is [{ Length: >= 1 and <= MaxKeyLength } key] && key.All(character => character is > ' ' and <= '~'))
        {
            return key;
        }

        errors.Add(KeyHeader, $"{KeyHeader} must be one header of 1 to {MaxKeyLength} visible ASCII characters.");
        return null;
    }

    /// <summary>The id under which a request is written.</summary>
    /// <param name="request">The request, for the invocation's id.</param>
    /// <param name="key">The client's, or null to take the invocation's id.</param>
    /// <param name="operation">
    /// The platform and what is asked of it. It is hashed with the key: the same key with anything else is another
    /// request, and no client can name another platform's.
    /// </param>
    public static Guid Of(HttpRequest request, string? key, params object?[] operation)
    {
        if (key is not null)
        {
            return Hash([key, .. operation]);
        }

        return request.Headers.TryGetValue(InvocationHeader, out StringValues invocation) && Guid.TryParse(invocation, out Guid id)
            ? id
            : Guid.CreateVersion7();
    }

    /// <summary>Each part goes with its length, so that no two lists of parts are hashed alike.</summary>
    private static Guid Hash(IEnumerable<object?> parts)
    {
        IEnumerable<string> texts = parts.Select(part => Convert.ToString(part, CultureInfo.InvariantCulture) ?? "");
        string all = string.Concat(texts.Select(text => string.Create(CultureInfo.InvariantCulture, $"{text.Length}:{text}")));
        return new Guid(SHA256.HashData(Encoding.UTF8.GetBytes(all)).AsSpan(0, 16));
    }
}
