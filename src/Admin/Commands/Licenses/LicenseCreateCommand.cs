using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Admin.Arguments;
using Admin.Output;
using Licensing.Licenses;
using Licensing.Platforms;
using Spectre.Console;

namespace Admin.Commands.Licenses;

internal sealed class LicenseCreateCommand(LicenseStore licenses, TimeProvider time)
{
    public static Command Define()
    {
        PlatformArgument platform = new();
        Option<string> name = new("--name") { Description = "The license's name (license_name).", Required = true, CustomParser = ValueParser.Text! };
        Option<long?> id = new("--id") { Description = "The license's id. [default: the next free one]", CustomParser = ValueParser.Id };
        Option<SeatLimit?> seats = new("--seats") { Description = "Number of seats, or unlimited.", Required = true, CustomParser = ValueParser.Seats };
        Option<DateTimeOffset?> starts = new("--starts")
        {
            Description = "When seats become available: ISO 8601, in UTC if it has no offset. [default: immediately]",
            CustomParser = ValueParser.Start,
        };
        Option<DateTimeOffset?> expires = new("--expires")
        {
            Description = "When the license expires; a date without a time means the end of that day. [default: never]",
            CustomParser = ValueParser.End,
        };
        Option<Uri?> redirectTo = new("--redirect-to")
        {
            Description = "The http or https URL that assigned users are redirected to.",
            CustomParser = ValueParser.WebAddress,
        };
        Option<bool> force = new("--force") { Description = "Allow an expiry in the past." };

        Command command = new("create", "Creates a license.") { platform, name, id, seats, starts, expires, redirectTo, force };
        command.Validators.Add(result => CheckPeriod(result, starts, expires));
        return command.WithExamples("license create acme --name Algebra --seats 30 --expires 2031-01-01")
            .RunsOn<LicenseCreateCommand>(
                platform,
                (create, arguments, platform, cancellationToken) => create.RunAsync(
                    platform,
                    arguments.GetValue(id),
                    arguments.GetRequiredValue(name),
                    arguments.GetValue(seats)?.Seats,
                    (arguments.GetValue(starts), arguments.GetValue(expires)),
                    arguments.GetValue(redirectTo),
                    arguments.GetValue(force),
                    cancellationToken),
                CommandRunner.Writes);
    }

    /// <summary>Parses the text of the options, because validators run before values are parsed.</summary>
    private static void CheckPeriod(CommandResult result, Option<DateTimeOffset?> starts, Option<DateTimeOffset?> expires)
    {
        if (result.GetResult(starts) is { Tokens: [var first] } && InstantText.TryStart(first.Value, out DateTimeOffset from)
            && result.GetResult(expires) is { Tokens: [var last] } && InstantText.TryEnd(last.Value, out DateTimeOffset to)
            && from >= to)
        {
            result.AddError("--starts must be before --expires.");
        }
    }

    private async Task<Outcome> RunAsync(
        Platform platform,
        long? id,
        string name,
        long? seats,
        (DateTimeOffset? Starts, DateTimeOffset? Expires) period,
        Uri? redirectTo,
        bool force,
        CancellationToken cancellationToken)
    {
        if (Refusals.WhyPastExpiry(period.Expires, force, time.GetUtcNow(), "No seat could be assigned") is { } refusal)
        {
            return new Outcome.Refused(refusal);
        }

        License? license = await licenses.CreateAsync(
            platform.Key, id, name, seats, period.Starts, period.Expires, redirectTo, cancellationToken);
        return license is null
            ? new Outcome.Refused($"License {id} already exists on platform {platform.Key}, or was removed: choose another --id, or omit it.")
            : new Outcome.Done(LicenseJson.Of(license), console =>
                console.MarkupLineInterpolated($"[green]Created[/] license [bold]{license.Id}[/] ({license.Name}) of platform [bold]{license.Platform}[/], seats: {license.Seats?.ToString(CultureInfo.InvariantCulture) ?? "unlimited"}."));
    }
}
