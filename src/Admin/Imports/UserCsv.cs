using System.Globalization;
using Admin.Arguments;
using Licensing.Users;

namespace Admin.Imports;

/// <summary>Lines of users: columns <c>username</c>, and <c>email</c>, <c>id</c> or both, which identify the user.</summary>
internal static class UserCsv
{
    public static readonly CsvColumns Columns = new(
        ["username", "email", "id"],
        [["username"], ["email", "id"]],
        values => EmailAddress.TryParse(values[1], out _) || (values[2] is { } id && TryId(id, out _)));

    /// <summary>Checks the lines against each other and against the existing users.</summary>
    public static IEnumerable<ImportRow<NewUser>> Check(IEnumerable<CsvLine> lines, KnownUsers existing)
    {
        Dictionary<long, int> lineOfId = [];
        Dictionary<AddressHash, int> lineOfEmail = [];
        foreach (CsvLine line in lines)
        {
            (NewUser user, string? fault) = Parse(line);
            fault ??= Repeats(user.Id, lineOfId, line.Number, "the id");
            AddressHash? address = user.Email is null ? null : AddressHash.Of(user.Email);
            fault ??= Repeats(address, lineOfEmail, line.Number, "the e-mail address");
            long? holder = address is { } hash ? existing.IdOf(hash) : null;
            long? sameId = user.Id is { } id && existing.Has(id) ? id : null;
            fault ??= Contradicts(user, address, holder, sameId, existing);
            yield return new ImportRow<NewUser>(line.Number, user, fault, Exists: (holder ?? sameId) is not null);
        }
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
            : email is null && id is null ? "email or id is required"
            : null;
        return (new NewUser(id is null ? null : number, username ?? "", address), fault);
    }

    /// <param name="holder">The id of the user with the address, or null.</param>
    /// <param name="sameId">The id in the line, if a user has it.</param>
    private static string? Contradicts(NewUser user, AddressHash? address, long? holder, long? sameId, KnownUsers existing) =>
        holder is not null && user.Id is not null && holder != user.Id ? $"user {holder} has this e-mail address"
        : sameId is { } id && address is not null && existing.AddressOf(id) is null ? $"user {id} has no e-mail address: set it with 'user update', or omit it here"
        : sameId is { } other && address is not null && existing.AddressOf(other) != address ? $"user {other} has another e-mail address"
        : null;

    internal static string? Repeats<T>(T? key, Dictionary<T, int> seen, int line, string what)
        where T : struct =>
        key is not { } value || seen.TryAdd(value, line) ? null : $"{what} is the same as in line {seen[value]}";

    internal static bool TryId(string text, out long id) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out id) && id >= 1;
}
