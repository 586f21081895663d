using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Admin.Tests;

/// <summary>A proxy in front of storage that closes the connection instead of forwarding the replies to the first matching requests.</summary>
internal sealed class LossyProxy : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly int _storage;
    private readonly byte[] _request;
    private readonly int _losses;
    private int _requests;

    /// <param name="request">Text that a matching request contains.</param>
    public LossyProxy(int storage, string request, int losses)
    {
        (_storage, _request, _losses) = (storage, Encoding.UTF8.GetBytes(request), losses);
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public bool HasLost { get; private set; }

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptTcpClientAsync());
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The test has ended.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using TcpClient caller = client;
        using TcpClient storage = new();
        await storage.ConnectAsync(IPAddress.Loopback, _storage);
        bool loses = false;
        await Task.WhenAny(
            PumpAsync(caller, storage, bytes => loses |= bytes.IndexOf(_request) >= 0 && Interlocked.Increment(ref _requests) <= _losses),
            PumpAsync(storage, caller, _ => HasLost |= loses, () => !loses));
    }

    /// <summary>Copies until one side closes or <paramref name="forwards"/> returns false.</summary>
    private static async Task PumpAsync(TcpClient from, TcpClient to, SpanAction look, Func<bool>? forwards = null)
    {
        byte[] buffer = new byte[64 * 1024];
        try
        {
            int read;
            while ((read = await from.GetStream().ReadAsync(buffer)) > 0)
            {
                look(buffer.AsSpan(0, read));
                if (forwards?.Invoke() == false)
                {
                    return;
                }

                await to.GetStream().WriteAsync(buffer.AsMemory(0, read));
            }
        }
        catch (IOException)
        {
            // The other side has closed the connection.
        }
    }

    private delegate void SpanAction(ReadOnlySpan<byte> bytes);
}
