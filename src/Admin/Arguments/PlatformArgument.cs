using System.CommandLine;

namespace Admin.Arguments;

/// <summary>The platform a verb is about, by its key.</summary>
internal sealed class PlatformArgument : Argument<string>
{
    public PlatformArgument()
        : base("platform")
    {
        Description = "The platform's key.";
        CustomParser = Input.PlatformKey!;
    }
}
