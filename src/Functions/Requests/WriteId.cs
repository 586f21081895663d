using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Functions.Requests;

/// <summary>Identifies a request, so that a repetition is recognized.</summary>
internal static class WriteId
{
    /// <summary>
    /// The invocation id, set by the Functions host. It stays the same if the host delivers a request again after its
    /// connection to the worker failed.
    /// </summary>
    private const string InvocationHeader = "x-ms-invocation-id";

    /// <summary>Returns the id that is stored with the request's change.</summary>
    /// <param name="request">The request, which may have an invocation id.</param>
    /// <param name="key">The client's key, or null to use the invocation id.</param>
    /// <param name="operation">
    /// The platform and the request. They are hashed with the key, so the same key identifies different requests on different
    /// platforms or with different content.
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

    /// <summary>Hashes each part with its length, so that different lists of parts never have the same input.</summary>
    private static Guid Hash(IEnumerable<object?> parts)
    {
        IEnumerable<string> texts = parts.Select(part => string.Create(CultureInfo.InvariantCulture, $"{part}"));
        string all = string.Concat(texts.Select(text => string.Create(CultureInfo.InvariantCulture, $"{text.Length}:{text}")));
        return new Guid(SHA256.HashData(Encoding.UTF8.GetBytes(all)).AsSpan(0, 16));
    }
}
