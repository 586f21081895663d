using System.Diagnostics;
using System.Globalization;

namespace TestSupport;

/// <summary>Sends signals to processes that these tests have started.</summary>
public static class Signal
{
    /// <param name="target">A process id, or a negative process group id.</param>
    /// <param name="signal">The name without SIG: INT, TERM, KILL, STOP, CONT.</param>
    public static void Send(int target, string signal)
    {
        // The shell's built-in kill, because not every machine has the program.
        using Process kill = Process.Start("sh", ["-c", string.Create(CultureInfo.InvariantCulture, $"kill -{signal} {target}")]);
        kill.WaitForExit();
    }
}
