using Licensing.Assignments;
using Licensing.Users;

namespace Admin.Imports;

/// <summary>
/// Lines that name assignments to remove: by <c>id</c>, as <c>assignment list --csv</c> prints it, or by the user's
/// <c>email</c> or <c>user_id</c> for one license.
/// </summary>
internal static class AssignmentRemovalCsv
{
    public static readonly CsvColumns Columns = new(
        ["id", "email", "user_id"],
        [["id", "email", "user_id"]],
        values => (values[0] is { } id && UserCsv.TryId(id, out _)) || EmailAddress.TryParse(values[1], out _));

    /// <summary>Returns the assignment of each line; null if it does not exist.</summary>
    /// <param name="licenseId">The license of the assignments, for lines that name users.</param>
    public static IReadOnlyList<ImportRow<Assignment?>> Check(
        IEnumerable<CsvLine> lines, IReadOnlyCollection<Assignment> existing, KnownUsers users, long? licenseId)
    {
        Dictionary<long, Assignment> byId = existing.ToDictionary(assignment => assignment.Id);
        Dictionary<long, Assignment> byUser = existing.Where(assignment => assignment.LicenseId == licenseId).ToDictionary(assignment => assignment.UserId);

        return [.. lines.Select(line =>
        {
            (long id, long userId, EmailAddress? email) = (0, 0, null);
            string? fault =
                line.Fault is not null ? line.Fault
                : line.Values.All(value => value is null) ? "id, email or user_id is required"
                : line.Values[0] is { } first && !UserCsv.TryId(first, out id) ? "id is not a whole number, 1 or more"
                : id == 0 && licenseId is null ? "email and user_id need --license"
                : id == 0 && line.Values[2] is { } third && !UserCsv.TryId(third, out userId) ? "user_id is not a whole number, 1 or more"
                : id == 0 && userId == 0 && !EmailAddress.TryParse(line.Values[1], out email) ? "email is not an e-mail address"
                : null;
            Assignment? found = fault is not null ? null
                : id > 0 ? byId.GetValueOrDefault(id)
                : byUser.GetValueOrDefault(userId > 0 ? userId : users.IdOf(AddressHash.Of(email!)) ?? 0);
            return new ImportRow<Assignment?>(line.Number, found, fault, Exists: found is not null);
        })];
    }
}
