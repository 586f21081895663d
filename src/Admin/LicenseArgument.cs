using System.CommandLine;
using Licensing.Platforms;

namespace Admin;

/// <summary>The license a verb is about, by its id.</summary>
internal sealed class LicenseArgument : Argument<long?>
{
    public LicenseArgument()
        : base("license")
    {
        Description = "The license's id.";
        Arity = ArgumentArity.ExactlyOne;
        CustomParser = Input.Id;
    }

    public static Option<long?> RequiredOption() =>
        new("--license") { Description = "The license's id.", Required = true, CustomParser = Input.Id };

    public static Outcome NotFound(Platform platform, long id) =>
        new Outcome.Refused($"License {id} does not exist on platform {platform.Key}: check its id.");
}
