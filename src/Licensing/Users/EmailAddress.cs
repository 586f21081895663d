using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Licensing.Storage;

namespace Licensing.Users;

/// <summary>
/// An e-mail address, as entered (without surrounding space) and in a normalized form for comparison.
/// </summary>
/// <remarks>
/// The syntax is that of RFC 5321 with the non-ASCII characters of RFC 6531: <c>local@domain</c>, at most 254 characters.
/// The local part is a dot-atom or a quoted string of at most 64 characters. The domain is a list of labels of letters,
/// digits and hyphens, or an address literal. Comparison ignores case in both parts, and treats the Unicode and punycode
/// spellings of a domain as equal. Invisible characters are invalid, because addresses of different users would look
/// the same.
/// </remarks>
public sealed record EmailAddress
{
    /// <summary>The longest address that fits an SMTP path (RFC 5321, 4.5.3.1.3).</summary>
    private const int MaxLength = 254;

    private const int MaxLocalLength = 64;
    private const int MaxLabelLength = 63;

    /// <summary>The prefix of a label that is encoded in punycode (RFC 5890).</summary>
    private const string PunycodePrefix = "xn--";

    private static readonly SearchValues<char> AddressLiteral = SearchValues.Create("0123456789abcdefABCDEFIPvV:.");

    private EmailAddress(string text, int at)
    {
        Text = text;
        Normalized = FoldCase(text.Contains(PunycodePrefix, StringComparison.OrdinalIgnoreCase)
            ? text[..(at + 1)] + string.Join('.', text[(at + 1)..].Split('.').Select(InUnicode))
            : text);
    }

    /// <summary>The address as entered, without surrounding space.</summary>
    public string Text { get; }

    /// <summary>The address in lower case, with its domain in Unicode. Equal for all spellings of an address.</summary>
    public string Normalized { get; }

    /// <summary>The partition key of its rows in table <c>Directory</c>.</summary>
    internal string DirectoryKey => TableKey.Hash(Normalized);

    /// <summary>Compares <see cref="Normalized"/>.</summary>
    public bool Equals(EmailAddress? other) => other is not null && Normalized == other.Normalized;

    /// <inheritdoc cref="Equals(EmailAddress?)"/>
    public override int GetHashCode() => Normalized.GetHashCode(StringComparison.Ordinal);

    /// <summary>Returns a constant, so that no log contains an address by accident.</summary>
    public override string ToString() => "(e-mail address)";

    /// <summary>Parses an address and trims surrounding white space. Returns false if it is invalid.</summary>
    public static bool TryParse(string? value, [NotNullWhen(true)] out EmailAddress? address)
    {
        address = null;
        string text = value?.Trim() ?? "";
        int at = text.LastIndexOf('@');
        if (text.Length > MaxLength || at <= 0 || at == text.Length - 1)
        {
            return false;
        }

        if (HasUnseen(text) || !IsLocalPart(text.AsSpan(0, at)) || !IsDomain(text.AsSpan(at + 1)))
        {
            return false;
        }

        address = new EmailAddress(text, at);
        return true;
    }

    /// <summary>Unicode simple case folding. .NET's case mapping leaves out the long s.</summary>
    private static string FoldCase(string text) => text.Replace('\u017f', 's').ToUpperInvariant().ToLowerInvariant();

    /// <summary>Returns the Unicode spelling of a label, or the label itself if that is not a valid one.</summary>
    private static string InUnicode(string label) =>
        label.StartsWith(PunycodePrefix, StringComparison.OrdinalIgnoreCase)
        && Punycode.Decode(label.AsSpan(PunycodePrefix.Length)) is { } unicode
        && !HasUnseen(unicode)
        && IsLabel(unicode)
            ? unicode
            : label;

    /// <summary>Whether the text contains an invisible, bidirectional formatting, replacement or noncharacter code point.</summary>
    private static bool HasUnseen(string text)
    {
        foreach (Rune rune in text.EnumerateRunes())
        {
            // EnumerateRunes returns U+FFFD for an unpaired surrogate.
            if (IsUnseen(rune) || IsNoncharacter(rune) || rune == Rune.ReplacementChar)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>By category, by the property Default_Ignorable_Code_Point, or a blank glyph that is not a space.</summary>
    private static bool IsUnseen(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format
            or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        || rune.Value is 0x034f or 0x115f or 0x1160 or 0x17b4 or 0x17b5 or (>= 0x180b and <= 0x180f) or 0x2065 or 0x3164
            or (>= 0xfe00 and <= 0xfe0f) or 0xffa0 or (>= 0xfff0 and <= 0xfff8) or (>= 0xe0000 and <= 0xe0fff)
        || rune.Value is 0x2800 or 0x1d159;

    private static bool IsNoncharacter(Rune rune) => rune.Value is >= 0xfdd0 and <= 0xfdef || (rune.Value & 0xfffe) == 0xfffe;

    private static bool IsLocalPart(ReadOnlySpan<char> local) =>
        local.Length <= MaxLocalLength && (local[0] == '"' ? IsQuotedString(local) : IsDotAtom(local));

    private static bool IsDotAtom(ReadOnlySpan<char> local)
    {
        char previous = '.';
        foreach (char c in local)
        {
            if (c == '.' ? previous == '.' : !IsAtomCharacter(c))
            {
                return false;
            }

            previous = c;
        }

        return previous != '.';
    }

    private static bool IsQuotedString(ReadOnlySpan<char> local)
    {
        if (local.Length < 2 || local[^1] != '"')
        {
            return false;
        }

        ReadOnlySpan<char> content = local[1..^1];
        for (int i = 0; i < content.Length; i++)
        {
            bool escaped = content[i] == '\\';
            if (escaped && ++i == content.Length)
            {
                return false;
            }

            if (content[i] == '"' && !escaped)
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsDomain(ReadOnlySpan<char> domain)
    {
        if (domain[0] == '[')
        {
            return domain.Length > 2 && domain[^1] == ']'
                && !domain[1..^1].ContainsAnyExcept(AddressLiteral);
        }

        foreach (Range range in domain.Split('.'))
        {
            if (!IsLabel(domain[range]))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsLabel(ReadOnlySpan<char> label)
    {
        if (label.IsEmpty || label.Length > MaxLabelLength || label[0] == '-' || label[^1] == '-')
        {
            return false;
        }

        foreach (char c in label)
        {
            if (c is not '-' && !char.IsLetterOrDigit(c) && !IsMarkOrSurrogate(c))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsAtomCharacter(char c) =>
        char.IsAscii(c)
            ? char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-/=?^_`{|}~".Contains(c, StringComparison.Ordinal)
            : !char.IsWhiteSpace(c);

    private static bool IsMarkOrSurrogate(char c) =>
        char.IsSurrogate(c) || char.GetUnicodeCategory(c) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;
}
