using System.CommandLine;
using System.Globalization;
using Licensing.Licenses;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;

namespace Admin.Verbs;

internal static class LicenseCreate
{
    public static Command Command()
    {
        PlatformArgument platform = new();
        Option<string> name = new("--name") { Description = "Its name (license_name).", Required = true, CustomParser = Input.Text! };
        Option<long?> id = new("--id") { Description = "Its id. [default: the next free one]", CustomParser = Input.Id };
        Option<SeatCount?> seats = new("--seats") { Description = "How many seats it has, or unlimited.", Required = true, CustomParser = Input.Seats };
        Option<DateTimeOffset?> starts = new("--starts")
        {
            Description = "From when on seats may be taken: ISO 8601, UTC unless it says otherwise. [default: at once]",
            CustomParser = Input.Start,
        };
        Option<DateTimeOffset?> expires = new("--expires")
        {
            Description = "From when on they may not; of a date alone, from its end. [default: never]",
            CustomParser = Input.End,
        };
        Option<Uri?> redirectTo = new("--redirect-to")
        {
            Description = "Where those who are assigned it are sent, an http or https address.",
            CustomParser = Input.WebAddress,
        };
        Option<bool> force = Expiry.ForceOption();

        Command command = new("create", "Creates a license.") { platform, name, id, seats, starts, expires, redirectTo, force };
        command.Validators.Add(result =>
        {
            // From the text: this runs before the options are known to be right.
            if (result.GetResult(starts) is { Tokens: [var first] } && InstantText.TryStart(first.Value, out DateTimeOffset from)
                && result.GetResult(expires) is { Tokens: [var last] } && InstantText.TryEnd(last.Value, out DateTimeOffset to)
                && from >= to)
            {
                result.AddError("--starts must be before --expires.");
            }
        });
        return command.WithExamples("license create acme --name Algebra --seats 30 --expires 2031-01-01")
            .RunsOn(platform, async (arguments, services, owner, cancellationToken) =>
        {
            if (Expiry.Refusal(arguments.GetValue(expires), arguments.GetValue(force), services, "The license would give no seat") is { } refusal)
            {
                return new Outcome.Refused(refusal);
            }

            License? license = await services.GetRequiredService<LicenseStore>().CreateAsync(
                owner.Key,
                arguments.GetValue(id),
                arguments.GetRequiredValue(name),
                arguments.GetValue(seats)?.Limit,
                arguments.GetValue(starts),
                arguments.GetValue(expires),
                arguments.GetValue(redirectTo),
                cancellationToken);
            return license is null
                ? new Outcome.Refused($"License {arguments.GetValue(id)} exists already on platform {owner.Key}: choose another --id, or leave it out.")
                : new Outcome.Done(LicenseJson.Of(license), console =>
                    console.MarkupLineInterpolated($"[green]Created[/] license [bold]{license.Id}[/] ({license.Name}) of platform [bold]{license.Platform}[/], seats: {Seats(license)}."));
        }, VerbCommand.Changes);
    }

    private static string Seats(License license) => license.Seats?.ToString(CultureInfo.InvariantCulture) ?? "unlimited";
}
