using System.Diagnostics;
using System.Globalization;

namespace TestSupport;

/// <summary>Signals to processes that these tests have started.</summary>
public static class Signal
{
    /// <param name="target">A process id; negative, the whole process group.</param>
    /// <param name="signal">Its name without SIG: INT, TERM, KILL, STOP, CONT.</param>
    public static void Send(int target, string signal)
    {
        // The shell's own kill: the program of that name is not on every machine.
        using Process kill = Process.Start("sh", ["-c", string.Create(CultureInfo.InvariantCulture, $"kill -{signal} {target}")]);
        kill.WaitForExit();
    }
}
