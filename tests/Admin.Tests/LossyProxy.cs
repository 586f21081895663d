using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Admin.Tests;

/// <summary>Stands before storage and closes the connection in place of the replies to the first requests of a kind.</summary>
internal sealed class LossyProxy : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly int _storage;
    private readonly byte[] _request;
    private readonly int _losses;
    private int _requests;

    /// <param name="request">What stands in such a request.</param>
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
            // The test is over.
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

    /// <summary>Until one side closes, or what was read is not to go on.</summary>
    private static async Task PumpAsync(TcpClient from, TcpClient to, SpanAction look, Func<bool>? goesOn = null)
    {
        byte[] buffer = new byte[64 * 1024];
        try
        {
            int read;
            while ((read = await from.GetStream().ReadAsync(buffer)) > 0)
            {
                look(buffer.AsSpan(0, read));
                if (goesOn?.Invoke() == false)
                {
                    return;
                }

                await to.GetStream().WriteAsync(buffer.AsMemory(0, read));
            }
        }
        catch (IOException)
        {
            // The other side has closed.
        }
    }

    private delegate void SpanAction(ReadOnlySpan<byte> bytes);
}
