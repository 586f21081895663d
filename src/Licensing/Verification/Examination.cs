using Azure.Data.Tables;
using Licensing.Assignments;

namespace Licensing.Verification;

/// <summary>An assignment's row and the first and last record of its history, read together.</summary>
/// <param name="Platform">The platform's key.</param>
/// <param name="Last">The last record, or null when there is no history of this user and license.</param>
/// <param name="First">The first record's row, which also says how the assignment stands by its id.</param>
/// <param name="Row">The assignment's row; null as well when it is of another assignment, made since this one was deleted.</param>
internal sealed record Examination(string Platform, Change? Last, TableEntity? First, TableEntity? Row)
{
    private readonly AssignmentStanding? _standing = First is null ? null : AssignmentRows.ToStanding(Platform, First);

    public bool IsAsItShould =>
        Last?.Assignment == (Row is null ? null : AssignmentRows.ToAssignment(Platform, Row)) && Last?.LeavesAs(_standing) != false;

    /// <summary>The first record is missing, or names another user or license.</summary>
    public bool HasLostItsFirstRecord =>
        (_standing?.Assignment.UserId, _standing?.Assignment.LicenseId) != (Last?.UserId, Last?.LicenseId);

    /// <summary>The first record knows of a later change than the last record there is.</summary>
    public bool HasLostItsLastRecord => _standing?.Assignment.Version > Last?.Version;
}
