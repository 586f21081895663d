using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;

namespace Functions.PublicCheck;

/// <summary>
/// What counts as one client: an IPv4 address, or the /64 of an IPv6 address, because a subscriber is assigned at least
/// a /64 (RFC 6177) and may use any address in it.
/// </summary>
internal readonly record struct ClientNetwork(AddressFamily Family, ulong Number)
{
    /// <param name="addressHeader">The trusted header. If it is null, missing or not a single address, the address of the connection is used.</param>
    public static ClientNetwork Of(HttpContext context, string? addressHeader)
    {
        IPAddress? address = addressHeader is { Length: > 0 }
            && context.Request.Headers[addressHeader] is [{ } text]
            && IPEndPoint.TryParse(text, out IPEndPoint? named)
                ? named.Address
                : context.Connection.RemoteIpAddress;
        return address is null ? default : Of(address);
    }

    public static ClientNetwork Of(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        address.TryWriteBytes(bytes, out _);
        return address.AddressFamily == AddressFamily.InterNetwork
            ? new ClientNetwork(AddressFamily.InterNetwork, BinaryPrimitives.ReadUInt32BigEndian(bytes))
            : new ClientNetwork(AddressFamily.InterNetworkV6, BinaryPrimitives.ReadUInt64BigEndian(bytes));
    }
}
