using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;

namespace Functions.PublicCheck;

/// <summary>
/// What counts as one client: an IPv4 address, or the /64 of an IPv6 address, because a subscriber is assigned at least
/// a /64 (RFC 6177) and may use any address in it.
/// </summary>
/// <param name="Prefix">The first 64 bits of the IPv6 address; those of an IPv4 address stand in a part that no client has.</param>
internal readonly record struct ClientNetwork(ulong Prefix)
{
    /// <summary>0:ffff::/32 is reserved.</summary>
    private const ulong IPv4 = 0x0000_FFFF_0000_0000;

    /// <summary>A connection without an address, as a multicast address that nobody connects from.</summary>
    private static readonly ClientNetwork Unknown = new(ulong.MaxValue);

    /// <summary>The client of a request.</summary>
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
