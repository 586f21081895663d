using Xunit;

namespace Assignments.Tests;

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
        "a@localhost",
        new string('a', 64) + "@" + string.Join('.', Enumerable.Repeat(new string('b', 62), 3)),
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
        new string('a', 65) + "@example.com",
        "a@" + new string('b', 64) + ".com",
        new string('a', 64) + "@" + string.Join('.', Enumerable.Repeat(new string('b', 63), 3)),
    ];

    [Theory]
    [MemberData(nameof(Valid))]
    public void Every_legal_address_is_taken_as_it_is(string text)
    {
        Assert.True(EmailAddress.TryParse(text, out EmailAddress? email));
        Assert.Equal(text, email.Text);
    }

    [Theory]
    [MemberData(nameof(Invalid))]
    public void What_is_no_address_is_refused(string? text) => Assert.False(EmailAddress.TryParse(text, out _));

    [Theory]
    [InlineData("User@Example.COM", " user@example.com ")]
    [InlineData("ÄRGER@EX.COM", "ärger@ex.com")]
    public void Case_and_surrounding_space_make_no_difference(string one, string other)
    {
        Assert.Equal(Parse(one), Parse(other));
        Assert.Equal(Storage.TableKey.Of(Parse(one)), Storage.TableKey.Of(Parse(other)));
    }

    [Theory]
    [InlineData("a.b@ex.com", "ab@ex.com")]
    [InlineData("a+x@ex.com", "a@ex.com")]
    [InlineData("a%2fb@ex.com", "a/b@ex.com")]
    [InlineData("\"a\"@ex.com", "a@ex.com")]
    public void Different_addresses_stay_apart(string one, string other)
    {
        Assert.NotEqual(Parse(one), Parse(other));
        Assert.NotEqual(Storage.TableKey.Of(Parse(one)), Storage.TableKey.Of(Parse(other)));
    }

    [Fact]
    public void Printing_one_by_accident_shows_no_address() =>
        Assert.DoesNotContain("user", Parse("user@example.com").ToString(), StringComparison.Ordinal);

    private static EmailAddress Parse(string text)
    {
        Assert.True(EmailAddress.TryParse(text, out EmailAddress? email));
        return email;
    }
}
