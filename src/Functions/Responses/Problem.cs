using System.Globalization;
using Licensing.Licenses;
using Microsoft.AspNetCore.Http;

namespace Functions.Responses;

/// <summary>A problem document (RFC 9457), with every problem this API can report.</summary>
internal sealed record Problem(int Status, string Code, string Title, string Detail) : IResult
{
    private const string ContentType = "application/problem+json; charset=utf-8";

    private static readonly TimeSpan StorageRetryAfter = TimeSpan.FromSeconds(2);

    /// <summary>All validation errors of the request, by field name; null for other problems.</summary>
    public IReadOnlyDictionary<string, List<string>>? Errors { get; private init; }

    /// <summary>In seconds. Written to the body as well as to the header, because some clients hide headers from their callers.</summary>
    private int? RetryAfter { get; init; }

    /// <summary>The license without a free seat, whose seats the document reports; null for other problems.</summary>
    private License? Full { get; init; }

    public static Problem InvalidRequest(IReadOnlyDictionary<string, List<string>> errors) =>
        new(400, "invalid_request", "The request is not valid.", "See errors for each invalid field.")
        {
            Errors = errors,
        };

    public static Problem MalformedJson { get; } =
        new(400, "malformed_json", "The body is not well-formed JSON.", "Send one JSON object in UTF-8, nested at most 64 levels deep.");

    public static Problem MalformedForm { get; } =
        new(400, "invalid_request", "The body is not a well-formed form.", "Send the form in UTF-8; a multipart form needs its boundary in Content-Type.");

    public static Problem JsonAsForm { get; } =
        new(400, "invalid_request", "The body looks like JSON, but Content-Type says it is a form.", "Send JSON with the header Content-Type: application/json.");

    /// <summary>Kestrel rejected the request while its body was being read, or the deadline passed.</summary>
    public static Problem UnreadableBody { get; } =
        new(400, "invalid_request", "The body could not be read.", "Send the complete body without delay, as long as Content-Length says.");

    public static Problem SeatsExhausted(License license) =>
        new(400, "seats_exhausted", "The license has no free seat.", "Remove or deactivate an assignment, or buy more seats.")
        {
            Full = license,
        };

    public static Problem LicenseInactive { get; } =
        new(400, "license_inactive", "The license is inactive.", "Activate the license before assigning its seats.");

    public static Problem LicenseNotStarted { get; } =
        new(400, "license_not_started", "The license has not started.", "Its seats can be assigned from its start date on.");

    public static Problem LicenseExpired { get; } =
        new(400, "license_expired", "The license has expired.", "Renew the license before assigning its seats.");

    /// <summary>The key is missing, malformed, unknown, expired or revoked. Clients cannot tell which.</summary>
    public static Problem Unauthenticated { get; } =
        new(401, "unauthenticated", "A valid API key is required.", "Send a platform API key in the Authorization header: Api-Key <key>.");

    public static Problem PlatformMismatch { get; } =
        new(403, "platform_mismatch", "The API key belongs to another platform.", "platform_key and platform_org must match the API key's platform.");

    public static Problem PlatformSuspended { get; } =
        new(403, "platform_suspended", "The platform is suspended.", "Contact the operator of this service.");

    public static Problem LicenseNotFound { get; } =
        new(404, "license_not_found", "There is no such license.", "The platform has no license with this license_id.");

    public static Problem UserNotFound { get; } =
        new(404, "user_not_found", "There is no such user.", "The platform has no user with this user_id or email.");

    public static Problem AssignmentNotFound { get; } =
        new(404, "assignment_not_found", "There is no such assignment.", "The license has no assignment with this assignment_id.");

    public static Problem NoActiveAssignment { get; } =
        new(404, "no_active_assignment", "There is no active assignment.", "No active license assignment exists for this address.");

    public static Problem BodyTooLarge { get; } =
        new(413, "body_too_large", "The body is too large.", "Send at most 65,536 bytes.");

    public static Problem UnsupportedMediaType { get; } =
        new(415, "unsupported_media_type", "The body's media type is not supported.", "Send application/json, application/x-www-form-urlencoded or multipart/form-data.");

    public static Problem BodyNotUtf8 { get; } =
        new(415, "unsupported_media_type", "The body's charset is not supported.", "Send it in UTF-8.");

    public static Problem EncodedBody { get; } =
        new(415, "unsupported_media_type", "The body's content encoding is not supported.", "Send it uncompressed, without Content-Encoding.");

    public static Problem TooManyRequests(TimeSpan wait) =>
        new(429, "too_many_requests", "Too many requests from this address.", "Repeat the request after Retry-After seconds, or send it with a valid platform API key.")
        {
            RetryAfter = Seconds(wait),
        };

    public static Problem InternalError { get; } =
        new(500, "internal_error", "Internal error.", "Report the trace id: it identifies this request in the logs.");

    public static Problem StorageUnavailable { get; } =
        new(503, "storage_unavailable", "Storage is busy or unreachable.", "Repeat the request after Retry-After seconds.")
        {
            RetryAfter = Seconds(StorageRetryAfter),
        };

    public Task ExecuteAsync(HttpContext httpContext)
    {
        HttpResponse response = httpContext.Response;
        response.StatusCode = Status;
        if (Status == StatusCodes.Status401Unauthorized)
        {
            response.Headers.WWWAuthenticate = "Api-Key";
        }

        if (RetryAfter is { } seconds)
        {
            response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        ProblemDocument document = new(
            $"urn:license-assignments:problem:{Code}",
            Title,
            Status,
            Detail,
            Code,
            TraceId(httpContext),
            Errors,
            RetryAfter,
            Full?.Seats,
            Full?.SeatsUsed);
        return response.WriteWholeAsync(document, ApiJson.Default.ProblemDocument, ContentType);
    }

    /// <summary>Identifies the request in logs and traces; see <see cref="Telemetry.RequestTrace"/>.</summary>
    public static string TraceId(HttpContext httpContext) => httpContext.TraceIdentifier;

    private static int Seconds(TimeSpan wait) => (int)Math.Ceiling(wait.TotalSeconds);
}
