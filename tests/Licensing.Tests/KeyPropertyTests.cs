using System.Text;
using CsCheck;
using Licensing.Storage;
using Licensing.Users;
using Xunit;

namespace Licensing.Tests;

/// <summary>Different platforms or addresses never share a table key, tested on generated pairs that differ slightly.</summary>
[Trait("Speed", "Fast")]
public sealed class KeyPropertyTests
{
    private const string Awkward = "aAbB09/\\#?%'+~=-._ \u0001\t\u007fäÄßéÉ用\u0308\u2028\uffff";

    /// <summary>Text that looks like an escape in a key or URL.</summary>
    private static readonly string[] Parts = ["=2F", "%2F", "/", "=", "%", "=3D2F", "=C3=A4", "ä", "\ud83d\ude00"];

    private static readonly Gen<string> Text = Gen.OneOf(
        Gen.String[Gen.Char[Awkward], 0, 12],
        Gen.Int[0, Parts.Length - 1].Array[0, 6].Select(parts => string.Concat(parts.Select(part => Parts[part]))));

    /// <summary>Often equal, often one edit apart, sometimes unrelated.</summary>
    private static readonly Gen<(string One, string Other)> Pairs = Gen.OneOf(
        Gen.Select(Text, Text),
        Gen.Select(Text, Gen.Int[0, 12], Gen.Char[Awkward]).Select((text, at, c) => (text, text.Insert(Math.Min(at, text.Length), c.ToString()))),
        Text.Select(text => (text, Uri.EscapeDataString(text))),
        Text.Select(text => (text, TableKey.Escape(text))),
        Text.Select(text => (text, text)));

    private static readonly Gen<string> Local = Gen.Char["aAbBzZ09!#$%&'*+-/=?^_`{|}~äÄéÉ用"].Array[1, 8].Select(characters => new string(characters));

    private static readonly Gen<(string One, string Other)> Addresses = Gen.OneOf(
        Gen.Select(Local, Local),
        Local.Select(local => (local, local.ToUpperInvariant())),
        Local.Select(local => (local, Uri.EscapeDataString(local))),
        Local.Select(local => (local, $"\"{local}\"")));

    [Fact]
    public void Only_equal_texts_share_a_key() =>
        Pairs.Sample(pair => (TableKey.Escape(pair.One) == TableKey.Escape(pair.Other)) == (pair.One == pair.Other), iter: 100_000);

    [Fact]
    public void A_key_can_be_unescaped_to_its_text() =>
        Text.Sample(text => Encoding.UTF8.GetString(Unescape(TableKey.Escape(text))) == text, iter: 100_000);

    [Fact]
    public void Only_addresses_equal_ignoring_case_share_a_key() =>
        Addresses.Sample(
            pair =>
            {
                Assert.True(EmailAddress.TryParse($"{pair.One}@example.com", out EmailAddress? one));
                Assert.True(EmailAddress.TryParse($"{pair.Other}@EXAMPLE.com", out EmailAddress? other));
                return (one.DirectoryKey == other.DirectoryKey) == pair.One.Equals(pair.Other, StringComparison.OrdinalIgnoreCase);
            },
            iter: 100_000);

    private static byte[] Unescape(string key)
    {
        List<byte> bytes = [];
        for (int i = 0; i < key.Length; i++)
        {
            if (key[i] == '=')
            {
                bytes.AddRange(Convert.FromHexString(key.AsSpan(i + 1, 2)));
                i += 2;
            }
            else
            {
                bytes.Add((byte)key[i]);
            }
        }

        return [.. bytes];
    }
}
