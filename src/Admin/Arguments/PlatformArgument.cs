using System.CommandLine;

namespace Admin.Arguments;

/// <summary>The platform that a command works on, by its key.</summary>
internal sealed class PlatformArgument : Argument<string>
{
    public PlatformArgument()
        : base("platform")
    {
        Description = "The platform's key.";
        CustomParser = ValueParser.PlatformKey!;
    }
}
