namespace Admin.Commands;

/// <summary>What the process ends with; part of the command line's contract, docs/admin.md.</summary>
internal static class ExitCode
{
    public const int Done = 0;
    public const int Refused = 1;
    public const int Usage = 2;
    public const int Storage = 3;

    /// <summary>Standard output could not be written; a change may have been made, and standard error says so.</summary>
    public const int Output = 4;

    /// <summary>A defect of the program; EX_SOFTWARE of sysexits.h.</summary>
    public const int Defect = 70;

    /// <summary>What a shell reports for a process that SIGINT ended.</summary>
    public const int Interrupted = 130;
}
