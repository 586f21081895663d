using Assignments;

namespace Functions.Requests;

/// <summary>The body of POST, whatever its media type was.</summary>
/// <param name="Metadata">A JSON object as compact text, or null when it was left out.</param>
internal sealed record AssignmentBody(
    long LicenseId,
    long? UserId,
    EmailAddress? Email,
    string? PlatformKey,
    string? PlatformOrg,
    bool Active,
    bool Fulfilled,
    string? Metadata)
{
    public static AssignmentBody Read(IBodyFields fields, AssignmentQuery query, Faults faults)
    {
        long? licenseId = fields.Integer("license_id");
        if (!fields.Has("license_id"))
        {
            faults.Add("license_id", "The body's member is required.");
        }
        else if (licenseId is { } given && given != query.LicenseId)
        {
            faults.Add("license_id", "The body's member must equal the query parameter.");
        }

        if (!fields.Has("user_id") && !fields.Has("email"))
        {
            faults.Add("user_id", "The body must name the user, by user_id or email.");
        }

        return new AssignmentBody(
            licenseId ?? 0,
            fields.Integer("user_id"),
            ReadEmail(fields, faults),
            NotEmpty(fields, "platform_key", faults),
            NotEmpty(fields, "platform_org", faults),
            fields.Boolean("active") ?? true,
            fields.Boolean("fulfilled") ?? false,
            fields.Object("metadata"));
    }

    private static EmailAddress? ReadEmail(IBodyFields fields, Faults faults)
    {
        if (!fields.Has("email") || fields.Text("email") is not { } text)
        {
            return null;
        }

        if (!EmailAddress.TryParse(text, out EmailAddress? email))
        {
            faults.Add("email", "The body's member must be an e-mail address.");
        }

        return email;
    }

    private static string? NotEmpty(IBodyFields fields, string name, Faults faults)
    {
        string? text = fields.Text(name);
        if (text is { Length: 0 })
        {
            faults.Add(name, "The body's member must not be empty.");
        }

        return text;
    }
}

/// <summary>
/// The members of a body by name. One that is left out, null or of another type is null here; of another type is a
/// fault besides. In a form an empty value stands for null.
/// </summary>
internal interface IBodyFields
{
    /// <summary>Whether the member was given, and not as null.</summary>
    bool Has(string name);

    long? Integer(string name);

    string? Text(string name);

    bool? Boolean(string name);

    /// <summary>A JSON object as compact text.</summary>
    string? Object(string name);
}
