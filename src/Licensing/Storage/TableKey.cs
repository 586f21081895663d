using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Licensing.Storage;

/// <summary>
/// Builds every partition and row key. Different inputs never have the same key, and no key contains a character that
/// Table Storage or a client on the way rejects (<c>/ \ # ? % ' + ~</c>, control characters).
/// </summary>
/// <seealso href="https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model"/>
internal static class TableKey
{
    /// <summary>The partition of all rows of table <c>Platforms</c>.</summary>
    public const string Platforms = "platform";

    /// <summary>The row key of every row of table <c>ApiKeys</c>.</summary>
    public const string ApiKey = "key";

    private static readonly SearchValues<char> Plain =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._");

    /// <summary>Escapes reversibly: each UTF-8 byte of any other character becomes <c>=XX</c>.</summary>
    public static string Escape(string text)
    {
        if (!text.AsSpan().ContainsAnyExcept(Plain))
        {
            return text;
        }

        StringBuilder escaped = new();
        foreach (byte b in Encoding.UTF8.GetBytes(text))
        {
            if (Plain.Contains((char)b))
            {
                escaped.Append((char)b);
            }
            else
            {
                escaped.Append('=').Append(b.ToString("X2", CultureInfo.InvariantCulture));
            }
        }

        return escaped.ToString();
    }

    /// <summary>
    /// Hashes text that must not appear in a key, such as an e-mail address: keys appear in URLs, and URLs in the storage
    /// account's logs. A hash also has a fixed length.
    /// </summary>
    public static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    public static string License(long id) => string.Create(CultureInfo.InvariantCulture, $"{RowPrefix.License}{id:D19}");

    public static string Allotment(long licenseId, string name) => $"{License(licenseId)}-{name}";

    public static string User(long id) => string.Create(CultureInfo.InvariantCulture, $"{RowPrefix.User}{id:D19}");

    public static string Assignment(long userId, long licenseId) => string.Create(CultureInfo.InvariantCulture, $"{RowPrefix.Assignment}{userId:D19}-{licenseId:D19}");

    public static string AssignmentsOf(long userId) => string.Create(CultureInfo.InvariantCulture, $"{RowPrefix.Assignment}{userId:D19}-");

    public static string Change(long assignmentId, long version) => string.Create(CultureInfo.InvariantCulture, $"{RowPrefix.Change}{assignmentId:D19}-{version:D10}");

    public static string FirstChange(long assignmentId) => Change(assignmentId, version: 1);

    public static string ChangesOf(long assignmentId) => string.Create(CultureInfo.InvariantCulture, $"{RowPrefix.Change}{assignmentId:D19}-");

    public static string LicenseChange(long licenseId, long version) => string.Create(CultureInfo.InvariantCulture, $"{RowPrefix.LicenseChange}{licenseId:D19}-{version:D19}");

    public static string LicenseChangesOf(long licenseId) => string.Create(CultureInfo.InvariantCulture, $"{RowPrefix.LicenseChange}{licenseId:D19}-");

    public static string Sequence(IdKind kind) => RowPrefix.Sequence + kind.ToString().ToLowerInvariant();

    /// <summary>The id in the row key of a user.</summary>
    public static long IdIn(string rowKey) => Number(rowKey.AsSpan(rowKey.IndexOf('-', StringComparison.Ordinal) + 1));

    /// <summary>The ids in the row key of a license or an allotment; the allotment is null for a license.</summary>
    public static (long Id, string? Allotment) LicenseIn(string rowKey)
    {
        // The id has 19 digits, after a sign if it is negative.
        int end = RowPrefix.License.Length + 19 + (rowKey[RowPrefix.License.Length] == '-' ? 1 : 0);
        return (Number(rowKey.AsSpan(RowPrefix.License.Length..end)), rowKey.Length == end ? null : rowKey[(end + 1)..]);
    }

    /// <summary>The two numbers in the row key of an assignment (user, license) or of a change (assignment, version).</summary>
    public static (long First, long Second) IdsIn(string rowKey)
    {
        // The first number has 19 digits, after a sign if it is negative.
        ReadOnlySpan<char> numbers = rowKey.AsSpan(rowKey.IndexOf('-', StringComparison.Ordinal) + 1);
        int between = 1 + numbers[1..].IndexOf('-');
        return (Number(numbers[..between]), Number(numbers[(between + 1)..]));
    }

    private static long Number(ReadOnlySpan<char> text) => long.Parse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);

    /// <summary>The first key after all that start with <paramref name="prefix"/>.</summary>
    public static string After(string prefix) => $"{prefix.AsSpan(0, prefix.Length - 1)}{(char)(prefix[^1] + 1)}";
}
