using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Licensing.Storage;

namespace Licensing.Users;

/// <summary>
/// An e-mail address: as it was given (without surrounding space), and in the form in which two are compared.
/// </summary>
/// <remarks>
/// The form follows RFC 5321 with RFC 6531's non-ASCII characters: <c>local@domain</c>, at most 254 characters, the
/// local part a dot-atom or a quoted string of at most 64, the domain labels of letters, digits and hyphens or an
/// address literal. Case is ignored in the whole address, by the contract, and the domain's spellings in Unicode and
/// in punycode are one. What nobody can see is part of no address: two would look the same and be different users'.
/// </remarks>
public sealed record EmailAddress
{
    /// <summary>Longest address that fits an SMTP path, RFC 5321 4.5.3.1.3.</summary>
    public const int MaxLength = 254;

    private const int MaxLocalLength = 64;
    private const int MaxLabelLength = 63;

    /// <summary>What the label of a domain begins with that is spelled in ASCII and means Unicode, RFC 5890.</summary>
    private const string PunycodePrefix = "xn--";

    private static readonly SearchValues<char> AddressLiteral = SearchValues.Create("0123456789abcdefABCDEFIPvV:.");

    private EmailAddress(string text, int at)
    {
        Text = text;
        Normalized = FoldCase(text.Contains(PunycodePrefix, StringComparison.OrdinalIgnoreCase)
            ? text[..(at + 1)] + string.Join('.', text[(at + 1)..].Split('.').Select(InUnicode))
            : text);
    }

    /// <summary>The address as it was given, without surrounding space.</summary>
    public string Text { get; }

    /// <summary>The address without regard to case, its domain in Unicode. Two addresses are the same when this is.</summary>
    public string Normalized { get; }

    /// <summary>The partition of its rows in table <c>Directory</c>.</summary>
    internal string DirectoryKey => TableKey.Hash(Normalized);

    /// <summary>By <see cref="Normalized"/>: however the address is written.</summary>
    public bool Equals(EmailAddress? other) => other is not null && Normalized == other.Normalized;

    /// <inheritdoc cref="Equals(EmailAddress?)"/>
    public override int GetHashCode() => Normalized.GetHashCode(StringComparison.Ordinal);

    /// <summary>The address itself is personal data: whatever prints this type by accident prints no address.</summary>
    public override string ToString() => "(e-mail address)";

    /// <summary>Reads an address of the form name@domain; white space around it is dropped. False for anything else.</summary>
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

    /// <summary>Unicode's simple case folding; .NET's letters leave out the long s.</summary>
    private static string FoldCase(string text) => text.Replace('\u017f', 's').ToUpperInvariant().ToLowerInvariant();

    /// <summary>The label of a domain in its Unicode spelling, when that is one that could be given as well.</summary>
    private static string InUnicode(string label) =>
        label.StartsWith(PunycodePrefix, StringComparison.OrdinalIgnoreCase)
        && Punycode.Decode(label.AsSpan(PunycodePrefix.Length)) is { } unicode
        && !HasUnseen(unicode)
        && IsLabel(unicode)
            ? unicode
            : label;

    /// <summary>Whether there is a character in it that nobody can see, that turns text around, or that is none.</summary>
    private static bool HasUnseen(string text)
    {
        foreach (Rune rune in text.EnumerateRunes())
        {
            // Half a surrogate pair comes out as U+FFFD.
            if (IsUnseen(rune) || IsNoncharacter(rune) || rune == Rune.ReplacementChar)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>By its category; else by Unicode's property Default_Ignorable_Code_Point; or blank, and no space.</summary>
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
