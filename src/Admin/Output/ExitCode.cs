namespace Admin.Output;

/// <summary>Exit codes; part of the command line's contract, and listed by <c>--help</c>.</summary>
internal static class ExitCode
{
    public const int Done = 0;
    public const int Refused = 1;
    public const int Usage = 2;
    public const int Storage = 3;

    /// <summary>Standard output could not be written. A change may have been made; standard error says so.</summary>
    public const int Output = 4;

    /// <summary>Licenses match <c>license list --expiring</c> or <c>--free-below</c>.</summary>
    public const int Attention = 5;

    /// <summary>A bug in the program; EX_SOFTWARE of sysexits.h.</summary>
    public const int Defect = 70;

    /// <summary>The code a shell reports for a process ended by SIGINT.</summary>
    public const int Interrupted = 130;
}
