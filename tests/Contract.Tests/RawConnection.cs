using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Contract.Tests;

/// <summary>HTTP/1.1 over a socket, for requests that no HTTP client would send.</summary>
internal sealed class RawConnection : IDisposable
{
    private readonly TcpClient _client = new() { NoDelay = true };
    private BufferedStream? _stream;

    public async Task ConnectAsync(Uri server, CancellationToken cancellationToken)
    {
        await _client.ConnectAsync(IPAddress.Parse(server.Host), server.Port, cancellationToken);
        // Closing resets the connection, so that thousands of closed ones keep no ports busy.
        _client.LingerState = new LingerOption(enable: true, seconds: 0);
        _stream = new BufferedStream(_client.GetStream());
    }

    /// <summary>Sends each piece separately. The server may respond and close before it has received all.</summary>
    public async Task SendAsync(IEnumerable<byte[]> pieces, CancellationToken cancellationToken)
    {
        try
        {
            foreach (byte[] piece in pieces)
            {
                await _stream!.WriteAsync(piece, cancellationToken);
                await _stream.FlushAsync(cancellationToken);
            }
        }
        catch (IOException)
        {
            // The response may be readable nevertheless.
        }
    }

    /// <summary>Closes the sending half of the connection.</summary>
    public void EndSending()
    {
        try
        {
            _client.Client.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // The server has already closed the connection.
        }
    }

    /// <summary>Reads the response, or null if the connection ended without one.</summary>
    public async Task<Answer?> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            Answer? answer;
            do
            {
                answer = await ReadOneAsync(cancellationToken);
            }
            while (answer?.Status == (int)HttpStatusCode.Continue);
            return answer;
        }
        catch (IOException)
        {
            return null;
        }
    }

    public void Dispose() => _client.Dispose();

    private async Task<Answer?> ReadOneAsync(CancellationToken cancellationToken)
    {
        string[] status = (await ReadLineAsync(cancellationToken)).Split(' ', 3);
        if (status.Length < 2)
        {
            return null;
        }

        Dictionary<string, string> headers = new(StringComparer.OrdinalIgnoreCase);
        while (await ReadLineAsync(cancellationToken) is { Length: > 0 } line)
        {
            string[] header = line.Split(": ", 2);
            headers[header[0]] = headers.TryGetValue(header[0], out string? before) ? $"{before}, {header[1]}" : header[1];
        }

        int code = int.Parse(status[1], CultureInfo.InvariantCulture);
        byte[] body = headers.ContainsKey("Transfer-Encoding") ? await ReadChunksAsync(cancellationToken)
            : headers.TryGetValue("Content-Length", out string? length) ? await ReadExactlyAsync(int.Parse(length, CultureInfo.InvariantCulture), cancellationToken)
            : headers.GetValueOrDefault("Connection") == "close" ? await ReadToEndAsync(cancellationToken)
            : [];
        return new Answer(code, headers, Encoding.UTF8.GetString(body));
    }

    private async Task<byte[]> ReadChunksAsync(CancellationToken cancellationToken)
    {
        List<byte> body = [];
        while (int.Parse(await ReadLineAsync(cancellationToken), NumberStyles.HexNumber, CultureInfo.InvariantCulture) is var size and > 0)
        {
            body.AddRange(await ReadExactlyAsync(size, cancellationToken));
            await ReadLineAsync(cancellationToken);
        }

        await ReadLineAsync(cancellationToken);
        return [.. body];
    }

    private async Task<byte[]> ReadExactlyAsync(int length, CancellationToken cancellationToken)
    {
        byte[] bytes = new byte[length];
        await _stream!.ReadExactlyAsync(bytes, cancellationToken);
        return bytes;
    }

    /// <summary>As in HTTP/1.0, the end of the connection is the end of the body.</summary>
    private async Task<byte[]> ReadToEndAsync(CancellationToken cancellationToken)
    {
        using MemoryStream body = new();
        await _stream!.CopyToAsync(body, cancellationToken);
        return body.ToArray();
    }

    private async Task<string> ReadLineAsync(CancellationToken cancellationToken)
    {
        StringBuilder line = new();
        byte[] next = new byte[1];
        while (await _stream!.ReadAsync(next, cancellationToken) == 1 && next[0] != '\n')
        {
            line.Append((char)next[0]);
        }

        return line.ToString().TrimEnd('\r');
    }
}
