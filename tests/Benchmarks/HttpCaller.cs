using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Benchmarks;

/// <summary>
/// One connection with one request at a time. It does only what is necessary, because callers share the machine with what they
/// measure, and HttpClient would cost as much as the server.
/// </summary>
internal sealed class HttpCaller(int port) : IDisposable
{
    private static readonly byte[] HeaderEnd = "\r\n\r\n"u8.ToArray();
    private static readonly byte[] LastChunk = "\r\n0\r\n\r\n"u8.ToArray();
    private static readonly byte[] ContentLength = "Content-Length: "u8.ToArray();

    private readonly byte[] _buffer = new byte[64 * 1024];
    private Socket? _socket;

    public async Task ConnectAsync()
    {
        _socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await _socket.ConnectAsync(IPAddress.Loopback, port);
    }

    public static byte[] Request(string method, string target, string? key = null, string? body = null) => Encoding.ASCII.GetBytes(
        $"{method} {target} HTTP/1.1\r\nHost: localhost\r\n"
        + (key is null ? "" : $"Authorization: Api-Key {key}\r\n")
        + (body is null ? "\r\n" : $"Content-Type: application/json\r\nContent-Length: {body.Length.ToString(CultureInfo.InvariantCulture)}\r\n\r\n{body}"));

    /// <summary>Sends a request and returns the raw body of the response, including chunk headers.</summary>
    public async Task<string> SendAsync(byte[] request, int status)
    {
        if (_socket is null)
        {
            await ConnectAsync();
        }

        await _socket!.SendAsync(request);
        int length = 0;
        int header = -1;
        while (header < 0 || !IsWhole(_buffer.AsSpan(0, length), header))
        {
            int read = await _socket.ReceiveAsync(_buffer.AsMemory(length));
            if (read == 0)
            {
                throw new IOException("The server closed the connection.");
            }

            length += read;
            header = _buffer.AsSpan(0, length).IndexOf(HeaderEnd);
        }

        string body = Encoding.UTF8.GetString(_buffer, header + HeaderEnd.Length, length - header - HeaderEnd.Length);
        int answered = int.Parse(_buffer.AsSpan(9, 3), CultureInfo.InvariantCulture);
        return answered == status
            ? body
            : throw new InvalidOperationException($"{Encoding.ASCII.GetString(request)}\nwas answered {answered}: {body}");
    }

    public void Dispose() => _socket?.Dispose();

    private static bool IsWhole(ReadOnlySpan<byte> answer, int header)
    {
        int at = answer[..header].IndexOf(ContentLength);
        if (at < 0)
        {
            return answer.EndsWith(LastChunk);
        }

        ReadOnlySpan<byte> number = answer[(at + ContentLength.Length)..];
        return answer.Length == header + HeaderEnd.Length + int.Parse(number[..number.IndexOf((byte)'\r')], CultureInfo.InvariantCulture);
    }
}
