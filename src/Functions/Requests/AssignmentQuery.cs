using Licensing.Users;
using Microsoft.AspNetCore.Http;

namespace Functions.Requests;

/// <summary>
/// The query parameters of POST and DELETE; POST has assignment id 0. Parameters without effect are validated, then ignored.
/// </summary>
internal sealed record AssignmentQuery(long LicenseId, long AssignmentId, string? PlatformKey, string? PlatformOrg)
{
    public static AssignmentQuery Read(QueryString query, bool withAssignmentId, ValidationErrors errors)
    {
        QueryParameters parameters = new(query, errors);
        long? licenseId = parameters.RequiredInteger("license_id");
        long? assignmentId = withAssignmentId ? parameters.RequiredInteger("assignment_id") : null;
        _ = parameters.Integer("page");
        _ = parameters.Integer("page_size");
        _ = parameters.Text("sort");
        return new AssignmentQuery(
            licenseId ?? 0,
            assignmentId ?? 0,
            parameters.Text("platform_key"),
            parameters.Text("platform_org"));
    }

    /// <summary>Reads the address to check. Returns null and adds an error if it is missing or invalid.</summary>
    public static EmailAddress? ReadEmail(QueryString query, ValidationErrors errors)
    {
        const string Name = "email";
        if (new QueryParameters(query, errors).RequiredText(Name) is not { } text)
        {
            return null;
        }

        if (!EmailAddress.TryParse(text, out EmailAddress? email))
        {
            errors.AddQuery(Name, Rule.Email(text, urlEncoded: true));
        }

        return email;
    }
}
