using Licensing.Users;
using Xunit;

namespace Licensing.Tests;

[Trait("Speed", "Fast")]
public sealed class PunycodeTests
{
    /// <summary>The sample strings of RFC 3492, section 7.1.</summary>
    [Theory]
    [InlineData("egbpdaj6bu4bxfgehfvwxn", "ليهمابتكلموشعربي؟")]
    [InlineData("ihqwcrb4cv8a8dqg056pqjye", "他们为什么不说中文")]
    [InlineData("ihqwctvzc91f659drss3x8bo0yb", "他們爲什麽不說中文")]
    [InlineData("Proprostnemluvesky-uyb24dma41a", "Pročprostěnemluvíčesky")]
    [InlineData("4dbcagdahymbxekheh6e0a7fei0b", "למההםפשוטלאמדבריםעברית")]
    [InlineData("i1baa7eci9glrd9b2ae1bj0hfcgg6iyaf8o0a1dig0cd", "यहलोगहिन्दीक्योंनहींबोलसकतेहैं")]
    [InlineData("n8jok5ay5dzabd5bym9f0cm5685rrjetr6pdxa", "なぜみんな日本語を話してくれないのか")]
    [InlineData("989aomsvi5e83db1d2a355cv1e0vak1dwrv93d5xbh15a0dt30a5jpsd879ccm6fea98c", "세계의모든사람들이한국어를이해한다면얼마나좋을까")]
    [InlineData("b1abfaaepdrnnbgefbaDotcwatmq2g4l", "почемужеонинеговорятпорусски")]
    [InlineData("PorqunopuedensimplementehablarenEspaol-fmd56a", "PorquénopuedensimplementehablarenEspañol")]
    [InlineData("TisaohkhngthchnitingVit-kjcr8268qyxafd2f1b9g", "TạisaohọkhôngthểchỉnóitiếngViệt")]
    [InlineData("3B-ww4c5e180e575a65lsy2b", "3年B組金八先生")]
    [InlineData("-with-SUPER-MONKEYS-pc58ag80a8qai00g7n9n", "安室奈美恵-with-SUPER-MONKEYS")]
    [InlineData("Hello-Another-Way--fc4qua05auwb3674vfr0b", "Hello-Another-Way-それぞれの場所")]
    [InlineData("2-u9tlzr9756bt3uc0v", "ひとつ屋根の下2")]
    [InlineData("MajiKoi5-783gue6qz075azm5e", "MajiでKoiする5秒前")]
    [InlineData("de-jg4avhby1noc0d", "パフィーdeルンバ")]
    [InlineData("d9juau41awczczp", "そのスピードで")]
    [InlineData("-> $1.00 <--", "-> $1.00 <-")]
    public void The_sample_strings_of_RFC_3492_are_decoded(string code, string text)
    {
        Assert.Equal(text, Punycode.Decode(code));
        if (!code.Contains(' ', StringComparison.Ordinal))
        {
            Assert.Equal(text.ToLowerInvariant(), Punycode.Decode(code.ToUpperInvariant())?.ToLowerInvariant());
        }
    }

    [Theory]
    [InlineData("a", 0x80)]
    [InlineData("hb9b", 0xd7ff)]
    [InlineData("0y0c", 0xe000)]
    [InlineData("dn32g", 0x10ffff)]
    public void Every_non_ASCII_character_is_decoded(string code, int character) => Assert.Equal(char.ConvertFromUtf32(character), Punycode.Decode(code));

    [Theory]
    [InlineData("")]
    [InlineData("abc-")]
    public void Text_without_extended_characters_is_ASCII(string code) => Assert.Equal(code.TrimEnd('-'), Punycode.Decode(code));

    [Theory]
    // Truncated within a number.
    [InlineData("n8jok5ay5dzabd5bym9f0cm5685rrjetr6pdx")]
    [InlineData("z")]
    // No digits.
    [InlineData("a-b!c")]
    [InlineData("{a")]
    [InlineData("[a")]
    [InlineData("`a")]
    [InlineData("/a")]
    [InlineData(":a")]
    [InlineData("@a")]
    [InlineData("mü")]
    // Beyond the last code point, and a lone surrogate.
    [InlineData("en32g")]
    [InlineData("99999999")]
    [InlineData("ib9b")]
    [InlineData("zy0c")]
    // Two encodings would decode to the same text.
    [InlineData("-")]
    [InlineData("-a")]
    public void Invalid_Punycode_is_rejected(string code) => Assert.Null(Punycode.Decode(code));
}
