using Admin.Imports;
using Licensing.Users;
using Xunit;

namespace Admin.Unit.Tests;

/// <summary>Files and users of these tests.</summary>
internal static class Files
{
    /// <summary>Reads the lines of a file.</summary>
    public static IEnumerable<CsvLine> Lines(string text, CsvColumns columns) => CsvFile.Parse(new StringReader(text), columns);

    public static EmailAddress Address(string text)
    {
        Assert.True(EmailAddress.TryParse(text, out EmailAddress? address));
        return address;
    }

    public static KnownUsers Known(params (long Id, string? Email)[] users) =>
        KnownUsers.Of(users.Select(user => new User("acme", user.Id, $"user{user.Id}", user.Email is null ? null : Address(user.Email))));
}
