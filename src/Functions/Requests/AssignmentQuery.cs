using Assignments;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Functions.Requests;

/// <summary>The query parameters of POST and DELETE; those without effect are checked and dropped.</summary>
/// <param name="AssignmentId">Of DELETE; 0 otherwise.</param>
internal sealed record AssignmentQuery(long LicenseId, long AssignmentId, string? PlatformKey, string? PlatformOrg)
{
    public static AssignmentQuery Read(IQueryCollection query, bool withAssignmentId, Faults faults)
    {
        long? licenseId = Integer(query, "license_id", faults);
        if (licenseId is null && !query.ContainsKey("license_id"))
        {
            faults.Add("license_id", "The query parameter is required.");
        }

        long? assignmentId = withAssignmentId ? Integer(query, "assignment_id", faults) : null;
        if (withAssignmentId && assignmentId is null && !query.ContainsKey("assignment_id"))
        {
            faults.Add("assignment_id", "The query parameter is required.");
        }

        foreach (string page in (ReadOnlySpan<string>)["page", "page_size"])
        {
            // The contract says at least 1; generated clients send their default, 0.
            if (Integer(query, page, faults) < 0)
            {
                faults.Add(page, "The query parameter must be at least 1.");
            }
        }

        _ = Text(query, "sort", faults);
        return new AssignmentQuery(
            licenseId ?? 0,
            assignmentId ?? 0,
            Text(query, "platform_key", faults),
            Text(query, "platform_org", faults));
    }

    /// <summary>The address to check; null, and a fault, when it is missing or none.</summary>
    public static EmailAddress? ReadEmail(IQueryCollection query, Faults faults)
    {
        if (Text(query, "email", faults) is not { } text)
        {
            if (!query.ContainsKey("email"))
            {
                faults.Add("email", "The query parameter is required.");
            }

            return null;
        }

        if (!EmailAddress.TryParse(text, out EmailAddress? email))
        {
            faults.Add("email", "The query parameter must be an e-mail address.");
        }

        return email;
    }

    private static long? Integer(IQueryCollection query, string name, Faults faults)
    {
        if (Single(query, name, faults) is not { } text)
        {
            return null;
        }

        if (Integer64.TryParse(text, out long value))
        {
            return value;
        }

        faults.Add(name, "The query parameter must be an integer of 64 bits.");
        return null;
    }

    private static string? Text(IQueryCollection query, string name, Faults faults)
    {
        string? text = Single(query, name, faults);
        if (text is { Length: 0 })
        {
            faults.Add(name, "The query parameter must not be empty.");
            return null;
        }

        return text;
    }

    private static string? Single(IQueryCollection query, string name, Faults faults)
    {
        if (!query.TryGetValue(name, out StringValues values) || values.Count == 0)
        {
            return null;
        }

        if (values.Count > 1)
        {
            faults.Add(name, "The query parameter must be given once.");
            return null;
        }

        return values[0] ?? "";
    }
}
