using Azure.Data.Tables;
using Licensing.Assignments;

namespace Licensing.Verification;

/// <summary>An assignment's row and the first and last record of its history, read consistently.</summary>
/// <param name="Platform">The platform's key.</param>
/// <param name="Last">The last record, or null if there is no history for this user and license.</param>
/// <param name="First">The row of the first record, which also has the current state.</param>
/// <param name="Row">The assignment's row; null if there is none, or if it belongs to a later assignment of the user.</param>
internal sealed record Examination(string Platform, AssignmentChange? Last, TableEntity? First, TableEntity? Row)
{
    private readonly AssignmentStanding? _standing = First is null ? null : AssignmentRows.ToStanding(Platform, First);

    public bool IsAsItShould =>
        Last?.Assignment == (Row is null ? null : AssignmentRows.ToAssignment(Platform, Row)) && Last?.LeavesAs(_standing) != false;

    /// <summary>Whether the first record is missing or names another user or license.</summary>
    public bool HasLostItsFirstRecord =>
        (_standing?.Assignment.UserId, _standing?.Assignment.LicenseId) != (Last?.UserId, Last?.LicenseId);

    /// <summary>Whether the first record has a later state than the last record.</summary>
    public bool HasLostItsLastRecord => _standing?.Assignment.Version > Last?.Version;
}
