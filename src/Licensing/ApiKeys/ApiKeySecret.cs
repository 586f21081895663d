using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Licensing.ApiKeys;

/// <summary>
/// The text a client sends: <c>lak_</c>, the key's id (16 lower-case hexadecimal digits), <c>_</c>, the secret (64), a
/// checksum (8). The checksum refuses garbage and typing errors without asking storage; it protects nothing, as anyone
/// can compute it.
/// </summary>
/// <remarks>
/// The secret is 32 random bytes, so one SHA-256 of it is stored: a slow password hash is for what people choose.
/// </remarks>
public sealed class ApiKeySecret
{
    private const string Prefix = "lak_";
    private const int IdLength = 16;
    private const int SecretLength = 64;
    private const int ChecksumLength = 8;
    private const int IdStart = 4;
    private const int SecretStart = IdStart + IdLength + 1;
    private const int ChecksumStart = SecretStart + SecretLength;
    private const int Length = ChecksumStart + ChecksumLength;

    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789abcdef");

    private readonly string _text;

    private ApiKeySecret(string text) => _text = text;

    /// <summary>Names the key; no secret.</summary>
    public string KeyId => _text.Substring(IdStart, IdLength);

    /// <summary>A new key from 256 random bits, which nobody else has.</summary>
    public static ApiKeySecret Create()
    {
        string body = Prefix + RandomNumberGenerator.GetHexString(IdLength, lowercase: true)
            + "_" + RandomNumberGenerator.GetHexString(SecretLength, lowercase: true);
        Span<char> checksum = stackalloc char[ChecksumLength];
        WriteChecksum(body, checksum);
        return new ApiKeySecret(body + checksum.ToString());
    }

    /// <summary>Whether the text has a key's form and its checksum fits.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out ApiKeySecret? secret)
    {
        secret = null;
        if (text.Length != Length || !text.StartsWith(Prefix) || text[SecretStart - 1] != '_'
            || text.Slice(IdStart, IdLength).ContainsAnyExcept(Digits) || text[SecretStart..].ContainsAnyExcept(Digits))
        {
            return false;
        }

        Span<char> checksum = stackalloc char[ChecksumLength];
        WriteChecksum(text[..ChecksumStart], checksum);
        if (!text[ChecksumStart..].SequenceEqual(checksum))
        {
            return false;
        }

        secret = new ApiKeySecret(text.ToString());
        return true;
    }

    /// <summary>What is stored of the secret.</summary>
    public byte[] Hash() => SHA256.HashData(Encoding.ASCII.GetBytes(_text));

    /// <summary>Compares in constant time.</summary>
    public bool Matches(ReadOnlySpan<byte> storedHash)
    {
        Span<byte> ascii = stackalloc byte[Length];
        Encoding.ASCII.GetBytes(_text, ascii);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(ascii, hash);
        return CryptographicOperations.FixedTimeEquals(hash, storedHash);
    }

    /// <summary>The whole key, to be shown once; never <see cref="ToString"/>, which logs call.</summary>
    public string Reveal() => _text;

    /// <summary>The part that is no secret.</summary>
    public override string ToString() => $"{Prefix}{KeyId}_…";

    private static void WriteChecksum(ReadOnlySpan<char> body, Span<char> checksum)
    {
        Span<byte> ascii = stackalloc byte[ChecksumStart];
        Encoding.ASCII.GetBytes(body, ascii);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(ascii, hash);
        Convert.TryToHexStringLower(hash[..(ChecksumLength / 2)], checksum, out _);
    }
}
