using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Licensing.Users;

namespace Admin.Imports;

/// <summary>A hash of an address in 16 bytes, to save memory.</summary>
internal readonly record struct AddressHash(UInt128 Value)
{
    public static AddressHash Of(EmailAddress email)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(email.Normalized), hash);
        return new AddressHash(BinaryPrimitives.ReadUInt128BigEndian(hash));
    }
}
