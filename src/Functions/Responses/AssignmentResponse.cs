using System.Text.Json.Serialization;

namespace Functions.Responses;

/// <summary>
/// The response of a successful create or update. The redirect is the URI of the license exactly as entered, or null;
/// metadata is a JSON object as text.
/// </summary>
internal sealed record AssignmentResponse(
    long Id,
    long UserId,
    string Username,
    string? Email,
    bool Active,
    bool Fulfilled,
    string? RedirectTo,
    [property: JsonConverter(typeof(PlainJsonConverter))] string Metadata,
    long LicenseId,
    string LicenseName,
    string PlatformKey);
