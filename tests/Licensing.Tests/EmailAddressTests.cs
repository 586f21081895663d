using CsCheck;
using Licensing.Users;
using Xunit;

namespace Licensing.Tests;

[Trait("Speed", "Fast")]
public sealed class EmailAddressTests
{
    public static TheoryData<string> Valid =>
    [
        "user@example.com",
        "o'hara+x@ex.com",
        "a/b#c?d%e@ex.com",
        "\"quoted local\"@ex.com",
        "\"a\\\"b@c\"@ex.com",
        "Ärger@bücher.example",
        "用户@例え.jp",
        "a@[192.0.2.1]",
        "a@[IPv6:2001:db8::1]",
        "a@[1]",
        "a@localhost",
        "a@ex-am-ple.1com",
        "!#$%&'*+-/=?^_`{|}~@ex.com",
        "\"\"@ex.com",
        "\"a\\\\\"@ex.com",
        "a@" + new string('b', 63) + ".com",
        // The maximum length.
        new string('a', 64) + "@" + string.Join('.', new string('b', 63), new string('b', 63), new string('b', 61)),
        new string('a', 64) + "@" + string.Join('.', Enumerable.Repeat(new string('b', 62), 3)),
    ];

    /// <summary>Invisible characters, and characters that change the direction of text.</summary>
    public static TheoryData<int> Unseen =>
    [
        0x00, 0x09, 0x0a, 0x1f, 0x7f, 0x85, 0x9f, // control
        0xad, 0x600, 0x61c, 0x70f, 0x180e, 0x200b, 0x200c, 0x200d, 0x200e, 0x200f, 0x202a, 0x202e, 0x2060, 0x2066, 0x2069, 0x206a, 0xfeff, 0xfff9, // format
        0x110bd, 0x1d173, 0xe0001, 0xe0041, 0xe007f, // format, beyond the basic plane
        0x2028, 0x2029, // line and paragraph separators
        0xfffd, // replacement character
        0xfdd0, 0xfdef, 0xfffe, 0xffff, 0x1fffe, 0xfffff, 0x10ffff, // noncharacters
        0x34f, 0x115f, 0x1160, 0x17b4, 0x17b5, 0x180b, 0x180f, 0x2065, 0x2800, 0x3164, 0xfe00, 0xfe0f, 0xffa0, 0xfff0, 0xfff8, 0x1d159, 0xe0000, 0xe0100, 0xe01ef, 0xe0fff, // blank or ignored
    ];

    public static TheoryData<string?> Invalid =>
    [
        null!,
        "",
        " ",
        "user",
        "@example.com",
        "user@",
        "a b@example.com",
        "a..b@example.com",
        ".a@example.com",
        "a.@example.com",
        "a@b@example.com",
        "a@-example.com",
        "a@example-.com",
        "a@example..com",
        "a@exa mple.com",
        "a@exa_mple.com",
        "Name <a@example.com>",
        "\"open@example.com",
        "\"a\\\"@example.com",
        "a\0b@example.com",
        "a\ud800@example.com",
        "a@[",
        "a@[]",
        "a@[192.0.2.1",
        "a@[192.0.2.1]x",
        "a@[192.0.2.1 ]",
        "a@[host]",
        "\"@ex.com",
        "\"a\"b\"@ex.com",
        "\"a\\\"@ex.com",
        "a(b@ex.com",
        "a,b@ex.com",
        "a\u00a0b@ex.com",
        "a\u3000b@ex.com",
        "a@ex\u20acmple.com",
        "a@ex\u00a0mple.com",
        new string('a', 64) + "@" + string.Join('.', new string('b', 63), new string('b', 63), new string('b', 62)),
        new string('a', 65) + "@example.com",
        "a@" + new string('b', 64) + ".com",
        new string('a', 64) + "@" + string.Join('.', Enumerable.Repeat(new string('b', 63), 3)),
    ];

    [Theory]
    [MemberData(nameof(Valid))]
    public void Every_valid_address_is_accepted_unchanged(string text)
    {
        Assert.True(EmailAddress.TryParse(text, out EmailAddress? email));
        Assert.Equal(text, email.Text);
    }

    [Theory]
    [MemberData(nameof(Invalid))]
    public void An_invalid_address_is_rejected(string? text) => Assert.False(EmailAddress.TryParse(text, out _));

    [Theory]
    [MemberData(nameof(Unseen))]
    public void An_invisible_character_makes_an_address_invalid(int code)
    {
        string unseen = char.ConvertFromUtf32(code);
        foreach (string text in new[] { $"a{unseen}b@example.com", $"a{unseen}@example.com", $"\"a{unseen}b\"@example.com", $"a@exa{unseen}mple.com", $"a@ex.co{unseen}m", $"a@{unseen}ex.com" })
        {
            Assert.False(EmailAddress.TryParse(text, out _), $"U+{code:X4} in {text}");
        }
    }

    [Fact]
    public void A_byte_order_mark_is_not_trimmed_as_space()
    {
        Assert.False(EmailAddress.TryParse("\ufeffa@example.com", out _));
        Assert.False(EmailAddress.TryParse("a@example.com\ufeff", out _));
    }

    [Theory]
    [InlineData("é\u0301@example.com")]
    [InlineData("שלום@שלום1.example")]
    [InlineData("ไทย@ไทย.example")]
    [InlineData("हिन्दी@हिन्दी.example")]
    [InlineData("\ud83d\ude00@\ud83d\ude00.example")]
    [InlineData("\ud801\udc00@example.com")]
    [InlineData("\ue000@example.com")]
    [InlineData("a@xn--zzzzzzzz99999999.example")]
    [InlineData("a@xn--a.example")]
    public void Visible_characters_are_allowed_in_an_address(string text) => Assert.True(EmailAddress.TryParse(text, out _));

    [Theory]
    [InlineData("ada@münchen.example", "ada@xn--mnchen-3ya.example")]
    [InlineData("ada@münchen.example", "ADA@XN--MNCHEN-3YA.EXAMPLE")]
    [InlineData("ada@MÜNCHEN.example", "ada@xn--mnchen-3ya.example")]
    [InlineData("ada@MÜNCHEN.example", "ada@xn--MNCHEN-psa.example")]
    [InlineData("ada@münchen.xn--fiqs8s", "ada@xn--mnchen-3ya.中国")]
    [InlineData("用户@例え.テスト", "用户@xn--r8jz45g.xn--zckzah")]
    [InlineData("a@straße.example", "a@xn--strae-oqa.example")]
    [InlineData("a@STRA\u1e9eE.example", "a@xn--strae-oqa.example")]
    [InlineData("a@שלום1.example", "a@xn--1-9hcuf1d.example")]
    [InlineData("a@\ud83d\udca9.la", "a@xn--ls8h.la")]
    public void The_Unicode_and_Punycode_forms_of_a_domain_are_equal(string one, string other)
    {
        Assert.Equal(Parse(one), Parse(other));
        Assert.Equal(Parse(one).DirectoryKey, Parse(other).DirectoryKey);
        Assert.Equal(other, Parse(other).Text);
    }

    [Fact]
    public void All_spellings_of_a_domain_are_equal()
    {
        System.Globalization.IdnMapping idn = new();
        Gen.Char["abz09äöüßéñœøåčžґяжαβγ例え中国テスト한국ไทย"].Array[1, 10].Select(letters => new string(letters)).Sample(
            label => Parse($"a@{label}.example") == Parse($"a@{idn.GetAscii(label)}.example"), iter: 10_000);
    }

    /// <summary>Domains whose punycode does not decode to a valid address.</summary>
    [Theory]
    [InlineData("a@xn--ab-0ea.example")]
    [InlineData("a@xn--abc.example")]
    [InlineData("a@xn--99999999999999999999.example")]
    [InlineData("a@xn--n3h.example")]
    [InlineData("a@xn--mü.example")]
    [InlineData("a@xn--ab-h1t.example")]
    [InlineData("xn--mnchen-3ya@example.com")]
    public void Text_that_only_looks_like_punycode_is_unchanged(string text) => Assert.Equal(text, Parse(text).Normalized);

    [Theory]
    [InlineData("User@Example.COM", " user@example.com ")]
    [InlineData("ÄRGER@EX.COM", "ärger@ex.com")]
    [InlineData("\u0398Σ@ex.com", "\u03f4ς@ex.com")]
    [InlineData("\u212aſ\u00b5@ex.com", "ks\u03bc@ex.com")]
    [InlineData("\ud801\udc00@ex.com", "\ud801\udc28@ex.com")]
    [InlineData("\u1e9e@ex.com", "ß@ex.com")]
    public void Case_and_surrounding_space_make_no_difference(string one, string other)
    {
        Assert.Equal(Parse(one), Parse(other));
        Assert.Equal(Parse(one).DirectoryKey, Parse(other).DirectoryKey);
    }

    [Theory]
    [InlineData("a.b@ex.com", "ab@ex.com")]
    [InlineData("a+x@ex.com", "a@ex.com")]
    [InlineData("a%2fb@ex.com", "a/b@ex.com")]
    [InlineData("\"a\"@ex.com", "a@ex.com")]
    [InlineData("ä@ex.com", "a\u0308@ex.com")]
    [InlineData("a@münchen.example", "a@mu\u0308nchen.example")]
    [InlineData("ß@ex.com", "ss@ex.com")]
    [InlineData("a@straße.example", "a@strasse.example")]
    public void Different_addresses_are_not_equal(string one, string other)
    {
        Assert.NotEqual(Parse(one), Parse(other));
        Assert.NotEqual(Parse(one).DirectoryKey, Parse(other).DirectoryKey);
    }

    [Fact]
    public void Addresses_hash_equally_in_all_spellings()
    {
        HashSet<EmailAddress> addresses = [Parse("ada@münchen.example")];

        Assert.Contains(Parse("ADA@xn--mnchen-3ya.example"), addresses);
        Assert.DoesNotContain(Parse("bob@münchen.example"), addresses);
        Assert.False(Parse("ada@example.com").Equals(null));
    }

    [Fact]
    public void ToString_does_not_reveal_the_address() => Assert.Equal("(e-mail address)", Parse("user@example.com").ToString());

    private static EmailAddress Parse(string text)
    {
        Assert.True(EmailAddress.TryParse(text, out EmailAddress? email));
        return email;
    }
}
