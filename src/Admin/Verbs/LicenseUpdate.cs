using System.CommandLine;
using Licensing.Licenses;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;

namespace Admin.Verbs;

internal static class LicenseUpdate
{
    public static Command Command()
    {
        PlatformArgument platform = new();
        LicenseArgument id = new();
        Option<string?> name = new("--name") { Description = "Its name (license_name).", CustomParser = Input.Text };
        Option<SeatCount?> seats = new("--seats") { Description = "How many seats it has, or unlimited.", CustomParser = Input.Seats };
        Option<Given<DateTimeOffset?>?> starts = new("--starts")
        {
            Description = "From when on seats may be taken: ISO 8601, or none for at once.",
            CustomParser = Input.OrNone(Input.Start),
        };
        Option<Given<DateTimeOffset?>?> expires = new("--expires")
        {
            Description = "From when on they may not: ISO 8601, of a date alone from its end, or none for never.",
            CustomParser = Input.OrNone(Input.End),
        };
        Option<bool?> active = new("--active") { Description = "Whether it gives seats and its assignments count: true or false." };
        Option<Given<Uri>?> redirectTo = new("--redirect-to")
        {
            Description = "Where those who are assigned it are sent, an http or https address, or none.",
            CustomParser = Input.OrNone(Input.WebAddress),
        };
        Option<bool> force = new("--force")
        {
            Description = "Allow an expiry in the past, and fewer seats than are used: nobody is removed, nobody is added until it fits.",
        };

        Command command = new("update", "Changes a license.") { platform, id, name, seats, starts, expires, active, redirectTo, force };
        command.Validators.Add(result =>
        {
            if (!new Option[] { name, seats, starts, expires, active, redirectTo }.Any(option => result.GetResult(option) is not null))
            {
                result.AddError("Say what to change: one of --name, --seats, --starts, --expires, --active and --redirect-to.");
            }
        });
        return command
            .WithExamples("license update acme 1 --seats 500", "license update acme 1 --expires 2031-01-01 --name 'Algebra II'", "license update acme 1 --active false")
            .RunsOn(
                platform,
                async (arguments, services, owner, cancellationToken) =>
                {
                    string? refusal = null;
                    License Change(License license) => license with
                    {
                        Name = arguments.GetValue(name) ?? license.Name,
                        Seats = arguments.GetValue(seats) is { } count ? count.Limit : license.Seats,
                        Starts = arguments.GetValue(starts) is { } from ? from.Value : license.Starts,
                        Expires = arguments.GetValue(expires) is { } to ? to.Value : license.Expires,
                        Active = arguments.GetValue(active) ?? license.Active,
                        RedirectTo = arguments.GetValue(redirectTo) is { } address ? address.Value : license.RedirectTo,
                    };
                    License? updated = await services.GetRequiredService<LicenseStore>().UpdateAsync(
                        owner.Key,
                        arguments.GetValue(id)!.Value,
                        license =>
                        {
                            License changed = Change(license);
                            refusal = Refusal(license, changed, arguments.GetValue(force)) ?? Expiry.Refusal(
                                arguments.GetValue(expires)?.Value, arguments.GetValue(force), services, "The license would give no seat");
                            return refusal is null ? changed : null;
                        },
                        cancellationToken);
                    return updated is null ? LicenseArgument.NotFound(owner, arguments.GetValue(id)!.Value)
                        : refusal is not null ? new Outcome.Refused(refusal)
                        : new Outcome.Done(LicenseJson.Of(updated), console =>
                            console.MarkupLineInterpolated($"[green]Updated[/] license [bold]{updated.Id}[/] ({updated.Name}) of platform [bold]{updated.Platform}[/], seats: {updated.SeatsUsed:N0} used of {Format.Seats(updated.Seats)}."));
                },
                VerbCommand.Changes);
    }

    private static string? Refusal(License license, License changed, bool force) =>
        changed.Starts >= changed.Expires
            ? $"License {license.Id} would start after it expires: give --starts and --expires that fit."
        : changed.Seats != license.Seats && changed.Seats < license.SeatsUsed && !force
            ? $"License {license.Id} has {license.SeatsUsed} seats in use, more than {changed.Seats}: free {license.SeatsUsed - changed.Seats} of them first, or give --force, which removes nobody and adds nobody until it fits."
        : null;
}
