using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Licensing.Verification;

/// <summary>
/// Finds differences between two streams of rows in different orders, in constant memory. The hashes of each side's rows
/// are added up by bucket; only rows in buckets with different sums must be compared individually.
/// </summary>
internal sealed class Pairing
{
    private const int BucketBits = 18;

    private readonly UInt128[] _sums = new UInt128[1 << BucketBits];

    public bool AllPaired => Array.TrueForAll(_sums, sum => sum == 0);

    public void AddLeft(long key, string content) => _sums[Bucket(key)] += Hash(key, content);

    public void AddRight(long key, string content) => _sums[Bucket(key)] -= Hash(key, content);

    /// <summary>Returns false if the rows of this key are certainly equal.</summary>
    public bool IsSuspect(long key) => _sums[Bucket(key)] != 0;

    private static int Bucket(long key) => (int)(((ulong)key * 0x9E3779B97F4A7C15) >> (64 - BucketBits));

    private static UInt128 Hash(long key, string content) =>
        BinaryPrimitives.ReadUInt128LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"{key}\n{content}")));
}
