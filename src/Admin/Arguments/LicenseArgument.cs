using System.CommandLine;

namespace Admin.Arguments;

/// <summary>The license that a command works on, by its id.</summary>
internal sealed class LicenseArgument : Argument<long?>
{
    public LicenseArgument()
        : base("license")
    {
        Description = "The license's id.";
        Arity = ArgumentArity.ExactlyOne;
        CustomParser = ValueParser.Id;
    }

    public long IdIn(ParseResult arguments) => arguments.GetValue(this)!.Value;
}
