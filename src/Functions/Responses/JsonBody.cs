using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace Functions.Responses;

internal static class JsonBody
{
    /// <summary>Writes the body with its length, in one write to the connection. A chunked body would need a second write.</summary>
    public static Task WriteWholeAsync<T>(this HttpResponse response, T value, JsonTypeInfo<T> type, string contentType)
    {
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(value, type);
        response.ContentType = contentType;
        response.ContentLength = body.Length;
        // No token: writing to a client that has disconnected is not an error.
        return response.Body.WriteAsync(body, 0, body.Length, CancellationToken.None);
    }
}
