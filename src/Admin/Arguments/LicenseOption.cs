using System.CommandLine;

namespace Admin.Arguments;

/// <summary>The option <c>--license</c>: the id of the license that a command works on.</summary>
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
