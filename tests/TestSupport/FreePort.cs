using System.Net;
using System.Net.Sockets;

namespace TestSupport;

/// <summary>Ports on 127.0.0.1 for what has to be told one, each given once.</summary>
public static class FreePort
{
    /// <summary>Below the ports that systems give to outgoing connections; apart for test runs side by side.</summary>
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
                // Somebody else's; the next one.
            }
        }
    }
}
