using System.Security.Cryptography;
using System.Text;
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
    public void A_key_has_the_documented_form_and_no_two_are_the_same()
    {
        string[] keys = [.. Enumerable.Range(0, 20).Select(_ => ApiKeySecret.Create().Reveal())];

        Assert.All(keys, key => Assert.Matches("^lak_[0-9a-f]{16}_[0-9a-f]{72}$", key));
        Assert.All(keys, key => Assert.Equal(key, WithChecksum(key[..^8])));
        Assert.Equal(keys.Length, keys.Select(key => key[4..20]).Distinct().Count());
        Assert.Equal(keys.Length, keys.Select(key => key[21..85]).Distinct().Count());
    }

    /// <summary>All have a valid checksum, so that only the form is wrong.</summary>
    [Theory]
    [InlineData("lax_0123456789abcdef_")]
    [InlineData("lak-0123456789abcdef_")]
    [InlineData("lak_0123456789abcdef-")]
    [InlineData("lak_0123456789abcdeg_")]
    [InlineData("lak_0123456789ABCDEF_")]
    [InlineData("lak_0123456789abcdef_", 'F')]
    [InlineData("lak_0123456789abcdef_", 'g')]
    public void A_key_of_another_form_is_not_a_key(string start, char digit = '0')
    {
        Assert.True(ApiKeySecret.TryParse(WithChecksum("lak_0123456789abcdef_" + new string('0', 64)), out _));
        Assert.False(ApiKeySecret.TryParse(WithChecksum(start + new string(digit, 64)), out _));
    }

    [Fact]
    public void A_truncated_or_overlong_key_is_not_a_key()
    {
        string text = ApiKeySecret.Create().Reveal();

        Assert.All(Enumerable.Range(0, text.Length), length => Assert.False(ApiKeySecret.TryParse(text.AsSpan(0, length), out _)));
        Assert.False(ApiKeySecret.TryParse(text + "0", out _));
    }

    [Fact]
    public void The_stored_hash_is_the_SHA_256_of_the_whole_key()
    {
        ApiKeySecret secret = ApiKeySecret.Create();

        Assert.Equal(SHA256.HashData(Encoding.ASCII.GetBytes(secret.Reveal())), secret.Hash());
    }

    [Fact]
    public void A_key_is_valid_until_it_expires_or_is_revoked()
    {
        DateTimeOffset now = new(2026, 9, 1, 9, 0, 0, TimeSpan.Zero);
        ApiKey key = new("id", "p", Org: null, Name: null, Created: now, Expires: null, Revoked: null, LastUsed: null, SecretHash: default);

        Assert.True(key.IsValid(now));
        Assert.True((key with { Expires = now.AddTicks(1) }).IsValid(now));
        Assert.False((key with { Expires = now }).IsValid(now));
        Assert.False((key with { Expires = now.AddTicks(-1) }).IsValid(now));
        Assert.False((key with { Revoked = now }).IsValid(now));
        Assert.False((key with { Revoked = now, Expires = now.AddDays(1) }).IsValid(now));
    }

    [Fact]
    public void ToString_does_not_reveal_the_secret()
    {
        ApiKeySecret secret = ApiKeySecret.Create();
        Assert.DoesNotContain(secret.Reveal()[21..85], secret.ToString(), StringComparison.Ordinal);
        Assert.StartsWith($"lak_{secret.KeyId}_", secret.ToString(), StringComparison.Ordinal);
    }

    private static string WithChecksum(string body) => body + Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(body)))[..8];
}
