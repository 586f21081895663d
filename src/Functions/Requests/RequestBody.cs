using System.Text.Json;
using Functions.Answers;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Functions.Requests;

/// <summary>Reads a request's body within our own bound, far below the one of the host.</summary>
internal static class RequestBody
{
    private const int MaxBytes = 64 * 1024;

    /// <summary>The assignment the body describes, or why there is none.</summary>
    public static async Task<(AssignmentBody? Body, Problem? Problem)> ReadAsync(
        HttpRequest request, AssignmentQuery query, Faults faults, CancellationToken cancellation)
    {
        if (!IsJson(request))
        {
            return (null, Problem.UnsupportedMediaType);
        }

        byte[]? bytes;
        try
        {
            bytes = await ReadBytesAsync(request, cancellation);
        }
        catch (BadHttpRequestException refused)
        {
            return (null, refused.StatusCode == StatusCodes.Status413PayloadTooLarge ? Problem.BodyTooLarge : Problem.UnreadableBody);
        }

        if (bytes is null)
        {
            return (null, Problem.BodyTooLarge);
        }

        using JsonDocument? document = JsonFields.Parse(bytes);
        return document is null
            ? (null, Problem.MalformedJson)
            : (AssignmentBody.Read(new JsonFields(document.RootElement, faults), query, faults), null);
    }

    private static bool IsJson(HttpRequest request)
    {
        if (request.Headers.ContentEncoding.Count > 0)
        {
            return false;
        }

        if (string.IsNullOrEmpty(request.ContentType))
        {
            return true;
        }

        return MediaTypeHeaderValue.TryParse(request.ContentType, out MediaTypeHeaderValue? type)
            && type.Type.Equals("application", StringComparison.OrdinalIgnoreCase)
            && (type.SubType.Equals("json", StringComparison.OrdinalIgnoreCase) || type.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>The whole body, or null when it is longer than the bound.</summary>
    private static async Task<byte[]?> ReadBytesAsync(HttpRequest request, CancellationToken cancellation)
    {
        if (request.ContentLength > MaxBytes)
        {
            return null;
        }

        using MemoryStream bytes = new((int)(request.ContentLength ?? 1024));
        byte[] chunk = new byte[4096];
        int read;
        while ((read = await request.Body.ReadAsync(chunk, cancellation)) > 0)
        {
            if (bytes.Length + read > MaxBytes)
            {
                return null;
            }

            bytes.Write(chunk, 0, read);
        }

        return bytes.ToArray();
    }
}
