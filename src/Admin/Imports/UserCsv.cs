using System.Globalization;
using Admin.Arguments;
using Licensing.Users;

namespace Admin.Imports;

/// <summary>Lines of users: <c>username</c>, and <c>email</c> or <c>id</c> or both, by which a user is recognized.</summary>
internal static class UserCsv
{
    public static readonly CsvColumns Columns = new(
        ["username", "email", "id"],
        [["username"], ["email", "id"]],
        values => EmailAddress.TryParse(values[1], out _) || (values[2] is { } id && TryId(id, out _)));

    /// <summary>Checks the lines against each other and against the existing users.</summary>
    public static IReadOnlyList<ImportRow<NewUser>> Check(IReadOnlyList<CsvLine> lines, IReadOnlyCollection<User> existing)
    {
        Dictionary<long, User> byId = existing.ToDictionary(user => user.Id);
        Dictionary<EmailAddress, User> byEmail = [];
        foreach (User user in existing.Where(user => user.Email is not null))
        {
            byEmail.TryAdd(user.Email!, user);
        }

        Dictionary<long, int> lineOfId = [];
        Dictionary<EmailAddress, int> lineOfEmail = [];
        List<ImportRow<NewUser>> rows = [];
        foreach (CsvLine line in lines)
        {
            (NewUser user, string? fault) = Parse(line);
            fault ??= Repeats(user.Id, lineOfId, line.Number, "the id");
            fault ??= Repeats(user.Email, lineOfEmail, line.Number, "the e-mail address");
            User? sameEmail = user.Email is { } email ? byEmail.GetValueOrDefault(email) : null;
            User? sameId = user.Id is { } id ? byId.GetValueOrDefault(id) : null;
            fault ??= Contradicts(user, sameEmail, sameId);
            rows.Add(new ImportRow<NewUser>(line.Number, user, fault, Exists: (sameEmail ?? sameId) is not null));
        }

        return rows;
    }

    private static (NewUser User, string? Fault) Parse(CsvLine line)
    {
        (string? username, string? email, string? id) = (line.Values[0], line.Values[1], line.Values[2]);
        EmailAddress? address = null;
        long number = 0;
        string? fault =
            line.Fault is not null ? line.Fault
            : username is null ? "username is missing"
            : !ValueParser.IsText(username) || username.Length > ValueParser.MaxText ? $"username contains control characters or is longer than {ValueParser.MaxText} characters"
            : email is not null && !EmailAddress.TryParse(email, out address) ? "email is not an e-mail address"
            : id is not null && !TryId(id, out number) ? "id is not a whole number, 1 or more"
            : email is null && id is null ? "email or id must be given"
            : null;
        return (new NewUser(id is null ? null : number, username ?? "", address), fault);
    }

    private static string? Contradicts(NewUser user, User? sameEmail, User? sameId) =>
        sameEmail is not null && user.Id is not null && sameEmail.Id != user.Id ? $"user {sameEmail.Id} has this e-mail address"
        : sameId is not null && user.Email is not null && sameId.Email is null ? $"user {sameId.Id} has no e-mail address: give it this one with 'user update', or omit it"
        : sameId is not null && user.Email is not null && sameId.Email != user.Email ? $"user {sameId.Id} has another e-mail address"
        : null;

    internal static string? Repeats<T>(T? key, Dictionary<T, int> seen, int line, string what)
        where T : class =>
        key is null || seen.TryAdd(key, line) ? null : $"{what} is that of line {seen[key]}";

    internal static string? Repeats(long? key, Dictionary<long, int> seen, int line, string what) =>
        key is not { } number || seen.TryAdd(number, line) ? null : $"{what} is that of line {seen[number]}";

    internal static bool TryId(string text, out long id) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out id) && id >= 1;
}
