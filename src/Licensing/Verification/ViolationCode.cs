namespace Licensing.Verification;

/// <summary>Stable names of the rules that a platform's tables must follow.</summary>
public static class ViolationCode
{
    /// <summary>The seats counted by a license row and its allotments differ from the history. Repairable if the history is complete.</summary>
    public const string SeatsUsedWrong = "seats_used_wrong";

    /// <summary>The number of allotments in a license row is wrong. Repairable.</summary>
    public const string AllotmentsWrong = "allotments_wrong";

    /// <summary>More seats are used than the license has.</summary>
    public const string SeatsExceeded = "seats_exceeded";

    /// <summary>An assignment's row, or the current state in its first history record, differs from the end of its history. Repairable.</summary>
    public const string AssignmentDiffersFromHistory = "assignment_differs_from_history";

    /// <summary>An assignment's row has no history.</summary>
    public const string HistoryMissing = "history_missing";

    /// <summary>A history lacks a version, or a record does not continue from the one before it.</summary>
    public const string HistoryBroken = "history_broken";

    /// <summary>The license of an assignment does not exist.</summary>
    public const string LicenseMissing = "license_missing";

    /// <summary>The user of an assignment does not exist.</summary>
    public const string UserMissing = "user_missing";

    /// <summary>A user's own row and its row in the directory differ, or one of them is missing. Repairable.</summary>
    public const string DirectoryDiffers = "directory_differs";

    /// <summary>The e-mail address in a user's own row is invalid, so the user is found only by id.</summary>
    public const string AddressInvalid = "address_invalid";

    /// <summary>The next assignment id is in use. Repairable.</summary>
    public const string SequenceBehind = "sequence_behind";
}
