using Admin.Arguments;
using Licensing.Users;

namespace Admin.Imports;

/// <summary>
/// Lines of assignments: columns <c>email</c>, <c>user_id</c> or both; <c>active</c> and <c>fulfilled</c>, with the API's
/// defaults.
/// </summary>
internal static class AssignmentCsv
{
    public static readonly CsvColumns Columns = new(
        ["email", "user_id", "active", "fulfilled", "username"],
        [["email", "user_id"]],
        values => EmailAddress.TryParse(values[0], out _) || (values[1] is { } id && UserCsv.TryId(id, out _)));

    /// <summary>Checks the lines against each other and against the users, and marks users who have an assignment already.</summary>
    public static IEnumerable<ImportRow<NewAssignment>> Check(IEnumerable<CsvLine> lines, KnownUsers users, IReadOnlySet<long> assigned)
    {
        Dictionary<long, int> lineOfUser = [];
        foreach (CsvLine line in lines)
        {
            (NewAssignment assignment, string? fault) = Parse(line, users);
            fault ??= UserCsv.Repeats<long>(assignment.UserId, lineOfUser, line.Number, "the user");
            yield return new ImportRow<NewAssignment>(line.Number, assignment, fault, assigned.Contains(assignment.UserId));
        }
    }

    /// <summary>
    /// Users to add: those whose address is unknown or belongs to a new user, who has a negative id. Their names are in the
    /// lines; by default, the address is the name.
    /// </summary>
    public static IEnumerable<ImportRow<NewUser>> NewUsers(IEnumerable<CsvLine> lines, KnownUsers users)
    {
        HashSet<AddressHash> added = [];
        foreach (CsvLine line in lines.Where(line => line.Fault is null && line.Values[1] is null))
        {
            if (EmailAddress.TryParse(line.Values[0], out EmailAddress? email)
                && AddressHash.Of(email) is var address && users.IdOf(address) is null or < 0 && added.Add(address))
            {
                string username = line.Values[4] ?? email.Text;
                string? fault = ValueParser.IsText(username) && username.Length <= ValueParser.MaxText
                    ? null
                    : $"username contains control characters or is longer than {ValueParser.MaxText} characters";
                yield return new ImportRow<NewUser>(line.Number, new NewUser(null, username, email), fault, Exists: false);
            }
        }
    }

    private static (NewAssignment Assignment, string? Fault) Parse(CsvLine line, KnownUsers users)
    {
        (string? email, string? userId) = (line.Values[0], line.Values[1]);
        EmailAddress? address = null;
        (long id, long? holder) = (0, null);
        (bool active, bool fulfilled) = (true, false);
        string? fault =
            line.Fault is not null ? line.Fault
            : email is null && userId is null ? "email or user_id is required"
            : email is not null && !EmailAddress.TryParse(email, out address) ? "email is not an e-mail address"
            : userId is not null && !UserCsv.TryId(userId, out id) ? "user_id is not a whole number, 1 or more"
            : line.Values[2] is { } first && !bool.TryParse(first, out active) ? "active is neither true nor false"
            : line.Values[3] is { } second && !bool.TryParse(second, out fulfilled) ? "fulfilled is neither true nor false"
            : address is not null && (holder = users.IdOf(AddressHash.Of(address))) is null ? "no user has this e-mail address"
            : userId is not null && !users.Has(id) ? "no user has this id"
            : address is not null && userId is not null && id != holder ? "email and user_id name different users"
            : null;
        return (new NewAssignment(userId is null ? holder ?? 0 : id, active, fulfilled, SaysFulfilled: line.Values[3] is not null), fault);
    }
}
