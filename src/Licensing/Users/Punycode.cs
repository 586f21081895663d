using System.Text;

namespace Licensing.Users;

/// <summary>Decodes the part of a domain label after <c>xn--</c> (RFC 3492).</summary>
/// <remarks>
/// <see cref="System.Globalization.IdnMapping"/> depends on the globalization mode of the process, but the results become
/// part of keys in storage.
/// </remarks>
internal static class Punycode
{
    private const int Base = 36;
    private const int MinThreshold = 1;
    private const int MaxThreshold = 26;
    private const int Skew = 38;
    private const int Damp = 700;
    private const int InitialBias = 72;
    private const int FirstCode = 0x80;

    /// <summary>Returns the text, or null if the code is invalid. Codes that differ in more than case never have the same text.</summary>
    public static string? Decode(ReadOnlySpan<char> code)
    {
        int delimiter = code.LastIndexOf('-');
        List<Rune> text = [];
        foreach (char basic in code[..Math.Max(delimiter, 0)])
        {
            text.Add(new Rune(basic));
        }

        int next = delimiter > 0 ? delimiter + 1 : 0;
        int bias = InitialBias;
        long character = FirstCode;
        long at = 0;
        while (next < code.Length)
        {
            if (ReadNumber(code, ref next, bias) is not { } distance)
            {
                return null;
            }

            int length = text.Count + 1;
            bias = Adapt(distance, length, first: text.Count == Math.Max(delimiter, 0));
            character += (at + distance) / length;
            at = (at + distance) % length;
            if (character > 0x10ffff || !Rune.IsValid((int)character))
            {
                return null;
            }

            text.Insert((int)at++, new Rune((int)character));
        }

        return string.Concat(text);
    }

    private static long? ReadNumber(ReadOnlySpan<char> code, ref int next, int bias)
    {
        long number = 0;
        long weight = 1;
        for (int k = Base; next < code.Length; k += Base)
        {
            int digit = Digit(code[next++]);
            number += digit * weight;
            if (digit < 0 || number > int.MaxValue)
            {
                return null;
            }

            int threshold = Math.Clamp(k - bias, MinThreshold, MaxThreshold);
            if (digit < threshold)
            {
                return number;
            }

            weight *= Base - threshold;
        }

        return null;
    }

    private static int Adapt(long distance, int length, bool first)
    {
        long delta = first ? distance / Damp : distance / 2;
        delta += delta / length;
        int k = 0;
        for (; delta > (Base - MinThreshold) * MaxThreshold / 2; k += Base)
        {
            delta /= Base - MinThreshold;
        }

        return (int)(k + ((Base - MinThreshold + 1) * delta / (delta + Skew)));
    }

    private static int Digit(char c) => c switch
    {
        >= 'a' and <= 'z' => c - 'a',
        >= 'A' and <= 'Z' => c - 'A',
        >= '0' and <= '9' => c - '0' + 26,
        _ => -1,
    };
}
