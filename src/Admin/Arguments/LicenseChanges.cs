using System.CommandLine;
using Licensing.Licenses;

namespace Admin.Arguments;

/// <summary>The options that change a license; at least one must be passed.</summary>
internal sealed class LicenseChanges
{
    private readonly Option<string?> _name = new("--name") { Description = "The license's new name (license_name).", CustomParser = ValueParser.Text };
    private readonly Option<SeatLimit?> _seats = new("--seats") { Description = "Number of seats, or unlimited.", CustomParser = ValueParser.Seats };
    private readonly Option<OrNone<DateTimeOffset?>?> _starts = new("--starts")
    {
        Description = "When seats become available: ISO 8601, or none for immediately.",
        CustomParser = ValueParser.OrNone(ValueParser.Start),
    };

    private readonly Option<OrNone<DateTimeOffset?>?> _expires = new("--expires")
    {
        Description = "When the license expires: ISO 8601, where a date without a time means the end of that day, or none for never.",
        CustomParser = ValueParser.OrNone(ValueParser.End),
    };

    private readonly Option<bool?> _active = new("--active") { Description = "Whether seats can be assigned and existing assignments count: true or false." };
    private readonly Option<OrNone<Uri>?> _redirectTo = new("--redirect-to")
    {
        Description = "The http or https URL that assigned users are redirected to, or none.",
        CustomParser = ValueParser.OrNone(ValueParser.WebAddress),
    };

    private LicenseChanges()
    {
    }

    public static LicenseChanges AddTo(Command command)
    {
        LicenseChanges changes = new();
        Option[] options = [changes._name, changes._seats, changes._starts, changes._expires, changes._active, changes._redirectTo];
        Array.ForEach(options, command.Add);
        command.Validators.Add(result =>
        {
            if (!options.Any(option => result.GetResult(option) is not null))
            {
                result.AddError("Nothing to change: pass at least one of --name, --seats, --starts, --expires, --active and --redirect-to.");
            }
        });
        return changes;
    }

    public License Apply(ParseResult arguments, License license) => license with
    {
        Name = arguments.GetValue(_name) ?? license.Name,
        Seats = arguments.GetValue(_seats) is { } limit ? limit.Seats : license.Seats,
        Starts = arguments.GetValue(_starts) is { } from ? from.Value : license.Starts,
        Expires = arguments.GetValue(_expires) is { } to ? to.Value : license.Expires,
        Active = arguments.GetValue(_active) ?? license.Active,
        RedirectTo = arguments.GetValue(_redirectTo) is { } address ? address.Value : license.RedirectTo,
    };

    public DateTimeOffset? NewExpiry(ParseResult arguments) => arguments.GetValue(_expires)?.Value;
}
