using System.CommandLine;

namespace Admin.Commands.Platforms;

internal static class PlatformResumeCommand
{
    public static Command Define() => PlatformSuspendCommand.DefineResume();
}
