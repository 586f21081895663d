using Admin.Arguments;
using Licensing.Users;

namespace Admin.Imports;

/// <summary>Lines of assignments: <c>email</c> or <c>user_id</c> or both; <c>active</c> and <c>fulfilled</c> with the API's defaults.</summary>
internal static class AssignmentCsv
{
    public static readonly CsvColumns Columns = new(
        ["email", "user_id", "active", "fulfilled", "username"],
        [["email", "user_id"]],
        values => EmailAddress.TryParse(values[0], out _) || (values[1] is { } id && UserCsv.TryId(id, out _)));

    /// <summary>Checks the lines against each other, the existing users, and those who have the license already.</summary>
    public static IReadOnlyList<ImportRow<NewAssignment>> Check(
        IReadOnlyList<CsvLine> lines, IReadOnlyCollection<User> users, IReadOnlySet<long> assigned)
    {
        HashSet<long> ids = [.. users.Select(user => user.Id)];
        Dictionary<EmailAddress, long> byEmail = [];
        foreach (User user in users.Where(user => user.Email is not null))
        {
            byEmail.TryAdd(user.Email!, user.Id);
        }

        Dictionary<long, int> lineOfUser = [];
        List<ImportRow<NewAssignment>> rows = [];
        foreach (CsvLine line in lines)
        {
            (NewAssignment assignment, string? fault) = Parse(line, ids, byEmail);
            fault ??= UserCsv.Repeats(assignment.UserId, lineOfUser, line.Number, "the user");
            rows.Add(new ImportRow<NewAssignment>(line.Number, assignment, fault, assigned.Contains(assignment.UserId)));
        }

        return rows;
    }

    /// <summary>Users that lines name by an address that nobody has yet: called as the line says, or by their address.</summary>
    public static IReadOnlyList<ImportRow<NewUser>> NewUsers(IReadOnlyList<CsvLine> lines, IReadOnlyCollection<User> users)
    {
        HashSet<EmailAddress> known = [.. users.Where(user => user.Email is not null).Select(user => user.Email!)];
        List<ImportRow<NewUser>> added = [];
        foreach (CsvLine line in lines.Where(line => line.Fault is null && line.Values[1] is null))
        {
            if (EmailAddress.TryParse(line.Values[0], out EmailAddress? email) && known.Add(email))
            {
                string username = line.Values[4] ?? email.Text;
                string? fault = ValueParser.IsText(username) && username.Length <= ValueParser.MaxText
                    ? null
                    : $"username contains control characters or is longer than {ValueParser.MaxText} characters";
                added.Add(new ImportRow<NewUser>(line.Number, new NewUser(null, username, email), fault, Exists: false));
            }
        }

        return added;
    }

    private static (NewAssignment Assignment, string? Fault) Parse(
        CsvLine line, HashSet<long> ids, Dictionary<EmailAddress, long> byEmail)
    {
        (string? email, string? userId) = (line.Values[0], line.Values[1]);
        EmailAddress? address = null;
        (long id, long idOfEmail) = (0, 0);
        (bool active, bool fulfilled) = (true, false);
        string? fault =
            line.Fault is not null ? line.Fault
            : email is null && userId is null ? "email or user_id must be given"
            : email is not null && !EmailAddress.TryParse(email, out address) ? "email is not an e-mail address"
            : userId is not null && !UserCsv.TryId(userId, out id) ? "user_id is not a whole number, 1 or more"
            : line.Values[2] is { } first && !bool.TryParse(first, out active) ? "active is neither true nor false"
            : line.Values[3] is { } second && !bool.TryParse(second, out fulfilled) ? "fulfilled is neither true nor false"
            : address is not null && !byEmail.TryGetValue(address, out idOfEmail) ? "no user has this e-mail address"
            : userId is not null && !ids.Contains(id) ? "no user has this id"
            : address is not null && userId is not null && id != idOfEmail ? "email and user_id name different users"
            : null;
        return (new NewAssignment(userId is null ? idOfEmail : id, active, fulfilled, SaysFulfilled: line.Values[3] is not null), fault);
    }
}

/// <param name="SaysFulfilled">Whether the line has a cell for it.</param>
internal sealed record NewAssignment(long UserId, bool Active, bool Fulfilled, bool SaysFulfilled);
