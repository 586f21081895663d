using Licensing.ApiKeys;
using Xunit;

namespace Licensing.Tests;

[Trait("Speed", "Fast")]
public sealed class ApiKeySecretTests
{
    [Fact]
    public void A_key_parses_to_itself_and_matches_its_hash()
    {
        ApiKeySecret secret = ApiKeySecret.Create();

        Assert.True(ApiKeySecret.TryParse(secret.Reveal(), out ApiKeySecret? parsed));
        Assert.Equal(secret.KeyId, parsed.KeyId);
        Assert.True(parsed.Matches(secret.Hash()));
        Assert.False(ApiKeySecret.Create().Matches(secret.Hash()));
    }

    [Fact]
    public void Any_wrong_character_fails_the_checksum()
    {
        string text = ApiKeySecret.Create().Reveal();
        for (int i = 0; i < text.Length; i++)
        {
            string wrong = $"{text.AsSpan(0, i)}{(text[i] == '0' ? '1' : '0')}{text.AsSpan(i + 1)}";
            Assert.False(ApiKeySecret.TryParse(wrong, out _), $"position {i}");
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("lak_")]
    [InlineData("YOUR_API_KEY_HERE")]
    public void Garbage_is_not_a_key(string text) => Assert.False(ApiKeySecret.TryParse(text, out _));

    [Fact]
    public void Non_ASCII_text_is_not_a_key()
    {
        string text = ApiKeySecret.Create().Reveal();
        Assert.False(ApiKeySecret.TryParse("é" + text[1..], out _));
        Assert.False(ApiKeySecret.TryParse(text[..^1] + "é", out _));
        Assert.False(ApiKeySecret.TryParse(text + " ", out _));
    }

    [Fact]
    public void ToString_shows_no_secret()
    {
        ApiKeySecret secret = ApiKeySecret.Create();
        Assert.DoesNotContain(secret.Reveal()[21..85], secret.ToString(), StringComparison.Ordinal);
        Assert.Contains(secret.KeyId, secret.ToString(), StringComparison.Ordinal);
    }
}
