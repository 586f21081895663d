namespace Licensing.Verification;

/// <summary>Something in a platform's tables that contradicts the rest.</summary>
/// <param name="Platform">The platform's key.</param>
/// <param name="Code">Which rule is broken, see <see cref="ViolationCode"/>.</param>
/// <param name="Detail">One sentence with the numbers; no e-mail address.</param>
/// <param name="LicenseId">The license it is about, or null.</param>
/// <param name="AssignmentId">The assignment it is about, or null.</param>
/// <param name="UserId">The user it is about, or null.</param>
public sealed record Violation(
    string Platform,
    string Code,
    string Detail,
    long? LicenseId = null,
    long? AssignmentId = null,
    long? UserId = null);

/// <summary>The rules that a platform's tables keep; stable names.</summary>
public static class ViolationCode
{
    /// <summary>What a license row and its allotments count is not what the history adds up to. Repairable while no record of it is lost.</summary>
    public const string SeatsUsedWrong = "seats_used_wrong";

    /// <summary>A license row does not count the allotments that are there. Repairable.</summary>
    public const string AllotmentsWrong = "allotments_wrong";

    /// <summary>More seats are used than the license has.</summary>
    public const string SeatsExceeded = "seats_exceeded";

    /// <summary>An assignment's row, or how it stands by its id, is not what its history ends with. Repairable.</summary>
    public const string AssignmentDiffersFromHistory = "assignment_differs_from_history";

    /// <summary>An assignment's row has no history.</summary>
    public const string HistoryMissing = "history_missing";

    /// <summary>A history lacks a version, or a record does not begin where the one before it ended.</summary>
    public const string HistoryBroken = "history_broken";

    /// <summary>An assignment is of a license that does not exist.</summary>
    public const string LicenseMissing = "license_missing";

    /// <summary>An assignment is of a user who does not exist.</summary>
    public const string UserMissing = "user_missing";

    /// <summary>A user's row and its row in the directory do not agree, or one of them is missing. Repairable.</summary>
    public const string DirectoryDiffers = "directory_differs";

    /// <summary>What a user's row holds as its address is none, or no longer. The user is found by id only.</summary>
    public const string AddressInvalid = "address_invalid";

    /// <summary>The next assignment id is one that is in use. Repairable.</summary>
    public const string SequenceBehind = "sequence_behind";
}

/// <summary>What a verification is reading, and how many rows it has read.</summary>
public sealed record VerificationProgress(string Platform, string Reading, long Rows);

/// <summary>What was verified of a platform.</summary>
/// <param name="Platform">The platform's key.</param>
/// <param name="Licenses">Licenses read.</param>
/// <param name="Users">Users read.</param>
/// <param name="Assignments">Assignments read.</param>
/// <param name="ActiveAssignments">Those of them that hold a seat.</param>
/// <param name="Changes">Records of the history read.</param>
/// <param name="Violations">What was found, in the order of the checks.</param>
/// <param name="Repairs">What was repaired, one sentence each.</param>
public sealed record VerificationReport(
    string Platform,
    long Licenses,
    long Users,
    long Assignments,
    long ActiveAssignments,
    long Changes,
    IReadOnlyList<Violation> Violations,
    IReadOnlyList<string> Repairs);
