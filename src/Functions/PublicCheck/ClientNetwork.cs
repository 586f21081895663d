using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;

namespace Functions.PublicCheck;

/// <summary>
/// One client: an IPv4 address, or the /64 network of an IPv6 address, because a subscriber is assigned at least a /64
/// (RFC 6177) and can use any address in it.
/// </summary>
/// <param name="Prefix">The first 64 bits of an IPv6 address. IPv4 addresses are mapped to a reserved range.</param>
internal readonly record struct ClientNetwork(ulong Prefix)
{
    /// <summary>0:ffff::/32 is reserved.</summary>
    private const ulong IPv4 = 0x0000_FFFF_0000_0000;

    /// <summary>Clients without an address, as a multicast prefix that no connection comes from.</summary>
    private static readonly ClientNetwork Unknown = new(ulong.MaxValue);

    /// <summary>Returns the client of a request.</summary>
    /// <param name="context">The request.</param>
    /// <param name="addressHeader">The trusted header. If it is null, missing or not a single address, the address of the connection is used.</param>
    public static ClientNetwork Of(HttpContext context, string? addressHeader)
    {
        IPAddress? address = addressHeader is { Length: > 0 }
            && context.Request.Headers[addressHeader] is [{ } text]
            && IPEndPoint.TryParse(text, out IPEndPoint? named)
                ? named.Address
                : context.Connection.RemoteIpAddress;
        return address is null ? Unknown : Of(address);
    }

    public static ClientNetwork Of(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        address.TryWriteBytes(bytes, out _);
        return new ClientNetwork(address.AddressFamily == AddressFamily.InterNetwork
            ? IPv4 | BinaryPrimitives.ReadUInt32BigEndian(bytes)
            : BinaryPrimitives.ReadUInt64BigEndian(bytes));
    }
}
