using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Functions.Responses;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Functions.Requests;

/// <summary>Reads a request body of limited size; the limit is far below that of the host.</summary>
internal static class RequestBody
{
    private const int MaxBytes = 64 * 1024;

    private const string UrlEncoded = "application/x-www-form-urlencoded";
    private const string Multipart = "multipart/form-data";

    /// <summary>Returns the assignment that the body describes, or a problem.</summary>
    public static async Task<(AssignmentBody? Body, Problem? Problem)> ReadAsync(
        HttpRequest request, AssignmentQuery query, ValidationErrors errors, CancellationToken cancellationToken)
    {
        (MediaTypeHeaderValue? form, Problem? refused) = Format(request);
        if (refused is not null)
        {
            return (null, refused);
        }

        if (request.ContentLength > MaxBytes)
        {
            return (null, Problem.BodyTooLarge);
        }

        (ReadResult? read, refused) = await ReadAsync(request.BodyReader, cancellationToken);
        if (read is not { Buffer: var buffer })
        {
            return (null, refused);
        }

        try
        {
            if (buffer.Length > MaxBytes)
            {
                return (null, Problem.BodyTooLarge);
            }

            ReadOnlyMemory<byte> bytes = WithoutByteOrderMark(buffer.IsSingleSegment ? buffer.First : buffer.ToArray());
            return form is null
                ? ReadJson(bytes, query, errors)
                : await ReadFormAsync(bytes, form, query, errors, cancellationToken);
        }
        finally
        {
            request.BodyReader.AdvanceTo(buffer.End);
        }
    }

    /// <summary>
    /// Reads the whole body, or one byte more than the limit; the caller advances the reader. Returns a problem if it cannot
    /// be read.
    /// </summary>
    private static async Task<(ReadResult? Read, Problem? Refused)> ReadAsync(PipeReader reader, CancellationToken cancellationToken)
    {
        try
        {
            // Cancelling the read by token would prevent Kestrel from draining the body.
            using CancellationTokenRegistration deadline = cancellationToken.UnsafeRegister(
                static reader => ((PipeReader)reader!).CancelPendingRead(), reader);
            ReadResult read = await reader.ReadAtLeastAsync(MaxBytes + 1, CancellationToken.None);
            if (!read.IsCanceled)
            {
                return (read, null);
            }

            reader.AdvanceTo(read.Buffer.End);
            return (null, Problem.UnreadableBody);
        }
        catch (BadHttpRequestException tooLarge) when (tooLarge.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return (null, Problem.BodyTooLarge);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            return (null, Problem.UnreadableBody);
        }
    }

    /// <summary>Returns the media type of a form, or null for JSON, or a problem if the body is neither.</summary>
    private static (MediaTypeHeaderValue? Form, Problem? Refused) Format(HttpRequest request)
    {
        if (IsEncoded(request.Headers))
        {
            return (null, Problem.EncodedBody);
        }

        if (request.ContentType is null or "" or MediaType.Json)
        {
            return (null, null);
        }

        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out MediaTypeHeaderValue? type))
        {
            return (null, Problem.UnsupportedMediaType);
        }

        bool form = MediaType.Is(type.MediaType, UrlEncoded) || MediaType.Is(type.MediaType, Multipart);
        if (!form && !type.IsJson())
        {
            return (null, Problem.UnsupportedMediaType);
        }

        return type.IsUtf8() ? (form ? type : null, null) : (null, Problem.BodyNotUtf8);
    }

    private static bool IsEncoded(IHeaderDictionary headers) =>
        headers.GetCommaSeparatedValues(HeaderNames.ContentEncoding).Any(encoding => !MediaType.Is(encoding, "identity"));

    private static ReadOnlyMemory<byte> WithoutByteOrderMark(ReadOnlyMemory<byte> bytes) =>
        bytes.Span.StartsWith(Encoding.UTF8.Preamble) ? bytes[Encoding.UTF8.Preamble.Length..] : bytes;

    private static (AssignmentBody? Body, Problem? Problem) ReadJson(ReadOnlyMemory<byte> bytes, AssignmentQuery query, ValidationErrors errors)
    {
        using JsonDocument? document = JsonFields.Parse(bytes);
        return document is null
            ? (null, Problem.MalformedJson)
            : (AssignmentBody.Read(new JsonFields(document.RootElement, errors), query, errors), null);
    }

    private static async Task<(AssignmentBody? Body, Problem? Problem)> ReadFormAsync(
        ReadOnlyMemory<byte> bytes, MediaTypeHeaderValue type, AssignmentQuery query, ValidationErrors errors, CancellationToken cancellationToken)
    {
        // Forms escape braces and brackets, so this is JSON: curl -d sends the content type of a form by default.
        if (bytes.Span.TrimStart(" \t\r\n"u8) is [(byte)'{' or (byte)'[', ..])
        {
            return (null, Problem.JsonAsForm);
        }

        bool urlEncoded = MediaType.Is(type.MediaType, UrlEncoded);
        FormFields fields = new(urlEncoded, errors);
        Problem? problem = urlEncoded
            ? fields.ReadUrlEncoded(bytes)
            : await fields.ReadMultipartAsync(bytes, HeaderUtilities.RemoveQuotes(type.Boundary).ToString(), cancellationToken);
        return problem is null ? (AssignmentBody.Read(fields, query, errors), null) : (null, problem);
    }
}
