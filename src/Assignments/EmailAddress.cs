using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Assignments;

/// <summary>
/// An e-mail address: as it was given (without surrounding space), and in the form in which two are compared.
/// </summary>
/// <remarks>
/// The form follows RFC 5321 with RFC 6531's non-ASCII characters: <c>local@domain</c>, at most 254 characters, the
/// local part a dot-atom or a quoted string of at most 64, the domain labels of letters, digits and hyphens or an
/// address literal. Case is ignored in the whole address, by the contract.
/// </remarks>
public sealed record EmailAddress
{
    /// <summary>Longest address that fits an SMTP path, RFC 5321 4.5.3.1.3.</summary>
    public const int MaxLength = 254;

    private const int MaxLocalLength = 64;
    private const int MaxLabelLength = 63;

    private static readonly SearchValues<char> AddressLiteral = SearchValues.Create("0123456789abcdefABCDEFIPvV:.");

    private EmailAddress(string text)
    {
        Text = text;
        Normalized = text.ToUpperInvariant().ToLowerInvariant();
    }

    /// <summary>The address as it was given, without surrounding space.</summary>
    public string Text { get; }

    /// <summary>The address without regard to case. Two addresses are the same when this is.</summary>
    public string Normalized { get; }

    public bool Equals(EmailAddress? other) => other is not null && Normalized == other.Normalized;

    public override int GetHashCode() => Normalized.GetHashCode(StringComparison.Ordinal);

    /// <summary>The address itself is personal data: whatever prints this type by accident prints no address.</summary>
    public override string ToString() => "(e-mail address)";

    public static bool TryParse(string? value, [NotNullWhen(true)] out EmailAddress? address)
    {
        address = null;
        string text = value?.Trim() ?? "";
        int at = text.LastIndexOf('@');
        if (text.Length > MaxLength || at <= 0 || at == text.Length - 1)
        {
            return false;
        }

        if (!IsLocalPart(text.AsSpan(0, at)) || !IsDomain(text.AsSpan(at + 1)))
        {
            return false;
        }

        address = new EmailAddress(text);
        return true;
    }

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

        return previous != '.' && HasPairedSurrogates(local);
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

            if (char.IsControl(content[i]) || (content[i] == '"' && !escaped))
            {
                return false;
            }
        }

        return HasPairedSurrogates(content);
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
            ReadOnlySpan<char> label = domain[range];
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
        }

        return HasPairedSurrogates(domain);
    }

    private static bool IsAtomCharacter(char c) =>
        char.IsAscii(c)
            ? char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-/=?^_`{|}~".Contains(c, StringComparison.Ordinal)
            : !char.IsControl(c) && !char.IsWhiteSpace(c);

    private static bool IsMarkOrSurrogate(char c) =>
        char.IsSurrogate(c) || char.GetUnicodeCategory(c) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;

    private static bool HasPairedSurrogates(ReadOnlySpan<char> text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i]))
            {
                continue;
            }

            if (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[i + 1]))
            {
                return false;
            }

            i++;
        }

        return true;
    }
}
