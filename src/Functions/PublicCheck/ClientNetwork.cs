using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;

namespace Functions.PublicCheck;

/// <summary>
/// Who counts as one client: an IPv4 address, or the /64 of an IPv6 address, because a line is given at least that
/// many addresses (RFC 6177) and chooses freely among them.
/// </summary>
internal readonly record struct ClientNetwork(AddressFamily Family, ulong Number)
{
    /// <param name="addressHeader">The header to trust; when it is null, or is not one address, the connection counts.</param>
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
