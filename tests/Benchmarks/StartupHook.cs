using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Benchmarks;

/// <summary>
/// Runs in a published program under measurement (DOTNET_STARTUP_HOOKS) before its own code: tells each client that connects how
/// many bytes the program has allocated so far.
/// </summary>
internal static class StartupHook
{
    public static void Initialize()
    {
        TcpListener listener = new(IPAddress.Loopback, int.Parse(Environment.GetEnvironmentVariable(ServerProcess.HookPort)!, CultureInfo.InvariantCulture));
        listener.Start();
        new Thread(() => Tell(listener)) { IsBackground = true }.Start();
    }

    private static void Tell(TcpListener listener)
    {
        while (true)
        {
            using Socket caller = listener.AcceptSocket();
            caller.Send(Encoding.ASCII.GetBytes(GC.GetTotalAllocatedBytes().ToString(CultureInfo.InvariantCulture)));
        }
    }
}
