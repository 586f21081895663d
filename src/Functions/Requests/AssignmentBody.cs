using Licensing.Users;

namespace Functions.Requests;

/// <summary>
/// The body of a POST request, independent of its media type. It has no license id, because that equals the query's.
/// Metadata is a JSON object as compact text, or null if omitted.
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
