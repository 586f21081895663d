using System.CommandLine;

namespace Admin.Arguments;

/// <summary>The key of the platform that a command works on.</summary>
internal sealed class PlatformArgument : Argument<string>
{
    public PlatformArgument()
        : base("platform")
    {
        Description = "The platform's key.";
        CustomParser = ValueParser.PlatformKey!;
    }
}
