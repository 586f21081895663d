using System.Net;
using System.Net.Sockets;

namespace TestSupport;

/// <summary>Returns free ports on 127.0.0.1, each only once.</summary>
public static class FreePort
{
    /// <summary>Below the ports of outgoing connections, and different for concurrent test runs.</summary>
    private static int _last = 12_000 + (Environment.ProcessId % 150 * 100);

    public static int Take()
    {
        while (true)
        {
            int port = Interlocked.Increment(ref _last);
            try
            {
                using TcpListener listener = new(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // In use; try the next one.
            }
        }
    }
}
