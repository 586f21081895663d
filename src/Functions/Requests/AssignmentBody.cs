using Licensing.Users;

namespace Functions.Requests;

/// <summary>
/// The body of a POST request, independent of its media type, without the license, which the query names too. Metadata is a
/// JSON object as compact text, or null if it was omitted.
/// </summary>
internal sealed record AssignmentBody(
    long? UserId,
    EmailAddress? Email,
    string? PlatformKey,
    string? PlatformOrg,
    bool Active,
    bool Fulfilled,
    string? Metadata)
{
    public static AssignmentBody Read(IBodyFields fields, AssignmentQuery query, ValidationErrors errors)
    {
        long? licenseId = fields.Integer(BodyField.LicenseId);
        if (!fields.Has(BodyField.LicenseId))
        {
            errors.AddBody(BodyField.LicenseId, Rule.Required);
        }
        else if (licenseId is { } given && given != query.LicenseId && !errors.Has(BodyField.LicenseId))
        {
            errors.AddBody(BodyField.LicenseId, "must equal the one in the query");
        }

        string? email = fields.Text(BodyField.Email);
        if (!fields.Has(BodyField.UserId) && email is null && !errors.Has(BodyField.Email))
        {
            errors.Add(BodyField.UserId, "`user_id` or `email` in the body is required.");
        }

        return new AssignmentBody(
            fields.Integer(BodyField.UserId),
            email is null ? null : ReadEmail(email, fields, errors),
            fields.Text(BodyField.PlatformKey),
            fields.Text(BodyField.PlatformOrg),
            fields.Boolean(BodyField.Active) ?? true,
            fields.Boolean(BodyField.Fulfilled) ?? false,
            fields.Object(BodyField.Metadata));
    }

    private static EmailAddress? ReadEmail(string text, IBodyFields fields, ValidationErrors errors)
    {
        if (!EmailAddress.TryParse(text, out EmailAddress? email))
        {
            errors.AddBody(BodyField.Email, Rule.Email(text, fields.UrlEncoded));
        }

        return email;
    }
}

/// <summary>The names of the body's members.</summary>
internal static class BodyField
{
    public const string LicenseId = "license_id";
    public const string UserId = "user_id";
    public const string Email = "email";
    public const string PlatformKey = "platform_key";
    public const string PlatformOrg = "platform_org";
    public const string Active = "active";
    public const string Fulfilled = "fulfilled";
    public const string Metadata = "metadata";

    public static bool IsKnown(string name) =>
        name is LicenseId or UserId or Email or PlatformKey or PlatformOrg or Active or Fulfilled or Metadata;
}

/// <summary>
/// The members of a body by name. A member that is omitted, null or of the wrong type is null here; the wrong type also
/// adds a validation error. An empty string counts as null, and so does every empty value in a form.
/// </summary>
internal interface IBodyFields
{
    /// <summary>Whether a plus sign in the body means a space.</summary>
    bool UrlEncoded { get; }

    /// <summary>Whether the member is present and neither null nor an empty form value.</summary>
    bool Has(string name);

    long? Integer(string name);

    string? Text(string name);

    bool? Boolean(string name);

    /// <summary>A JSON object as compact text.</summary>
    string? Object(string name);
}
