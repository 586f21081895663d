using System.CommandLine;

namespace Admin.Arguments;

/// <summary>The license that a command works on, by its id, where an option names it.</summary>
internal sealed class LicenseOption : Option<long?>
{
    public LicenseOption()
        : base("--license")
    {
        Description = "The license's id.";
        Required = true;
        CustomParser = ValueParser.Id;
    }

    public long IdIn(ParseResult arguments) => arguments.GetValue(this)!.Value;
}
