using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Licensing.ApiKeys;

/// <summary>
/// The text that a client sends: <c>lak_</c>, the key id (16 lower-case hexadecimal digits), <c>_</c>, the secret (64)
/// and a checksum (8). The checksum rejects typing errors without a storage call. It is no protection, because anyone
/// can compute it.
/// </summary>
/// <remarks>
/// Storage has one SHA-256 of the key: slow password hashes are for secrets that people choose, not for 32 random bytes.
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

    /// <summary>The id of the key, which is not secret.</summary>
    public string KeyId => _text.Substring(IdStart, IdLength);

    /// <summary>Creates a key with a random id and a secret of 256 random bits.</summary>
    public static ApiKeySecret Create()
    {
        string body = Prefix + RandomNumberGenerator.GetHexString(IdLength, lowercase: true)
            + "_" + RandomNumberGenerator.GetHexString(SecretLength, lowercase: true);
        Span<char> checksum = stackalloc char[ChecksumLength];
        WriteChecksum(body, checksum);
        return new ApiKeySecret(body + checksum.ToString());
    }

    /// <summary>Parses a key. Returns false if its form or checksum is wrong.</summary>
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

    /// <summary>Returns the SHA-256 that is stored.</summary>
    internal byte[] Hash() => SHA256.HashData(Encoding.ASCII.GetBytes(_text));

    /// <summary>Returns whether the stored SHA-256 is that of this key. Compares in constant time.</summary>
    internal bool Matches(ReadOnlySpan<byte> storedHash)
    {
        Span<byte> ascii = stackalloc byte[Length];
        Encoding.ASCII.GetBytes(_text, ascii);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(ascii, hash);
        return CryptographicOperations.FixedTimeEquals(hash, storedHash);
    }

    /// <summary>Returns the whole key, to be shown once. <see cref="ToString"/> hides the secret, because logs call it.</summary>
    public string Reveal() => _text;

    /// <summary>Returns the part that is not secret.</summary>
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
