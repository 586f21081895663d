using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Licensing.Verification;

/// <summary>
/// Finds what two streams of rows, each in an order of its own, do not have in common, in memory that does not grow
/// with them: the rows of either side are summed up by bucket, and only buckets whose sums differ need a closer look.
/// </summary>
internal sealed class Pairing
{
    private const int BucketBits = 18;

    private readonly UInt128[] _sums = new UInt128[1 << BucketBits];

    public bool AllPaired => Array.TrueForAll(_sums, sum => sum == 0);

    public void AddLeft(long key, string content) => _sums[Bucket(key)] += Hash(key, content);

    public void AddRight(long key, string content) => _sums[Bucket(key)] -= Hash(key, content);

    /// <summary>False when the rows of this key certainly pair.</summary>
    public bool IsSuspect(long key) => _sums[Bucket(key)] != 0;

    private static int Bucket(long key) => (int)(((ulong)key * 0x9E3779B97F4A7C15) >> (64 - BucketBits));

    private static UInt128 Hash(long key, string content) =>
        BinaryPrimitives.ReadUInt128LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"{key}\n{content}")));
}
