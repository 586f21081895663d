using System.CommandLine;

namespace Admin.Arguments;

/// <summary>The id of the license that a command works on.</summary>
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
