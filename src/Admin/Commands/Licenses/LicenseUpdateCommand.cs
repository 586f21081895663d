using System.CommandLine;
using Admin.Arguments;
using Admin.Output;
using Licensing.Licenses;
using Licensing.Platforms;
using Licensing.Verification;
using Spectre.Console;

namespace Admin.Commands.Licenses;

internal sealed class LicenseUpdateCommand(LicenseStore licenses, TimeProvider time)
{
    public static Command Define()
    {
        PlatformArgument platform = new();
        LicenseArgument id = new();
        Option<bool> force = new("--force")
        {
            Description = "Allow an expiry in the past, and fewer seats than are used. Existing assignments are kept; new ones are refused until enough seats are free.",
        };

        Command command = new("update", "Changes a license.") { platform, id };
        LicenseChanges changes = LicenseChanges.AddTo(command);
        command.Add(force);
        return command
            .WithExamples("license update acme 1 --seats 500", "license update acme 1 --expires 2031-01-01 --name 'Algebra II'", "license update acme 1 --active false")
            .RunsOn<LicenseUpdateCommand>(
                platform,
                (update, arguments, platform, cancellationToken) => update.RunAsync(
                    platform,
                    id.IdIn(arguments),
                    license => changes.Apply(arguments, license),
                    changes.NewExpiry(arguments),
                    arguments.GetValue(force),
                    cancellationToken),
                CommandRunner.Writes);
    }

    private async Task<Outcome> RunAsync(
        Platform platform, long id, Func<License, License> change, DateTimeOffset? newExpiry, bool force, CancellationToken cancellationToken)
    {
        string? refusal = null;
        License? updated = await licenses.UpdateAsync(
            platform.Key,
            id,
            license =>
            {
                License changed = change(license);
                refusal = WhyRefused(license, changed, force)
                    ?? Refusals.WhyPastExpiry(newExpiry, force, time.GetUtcNow(), "No seat could be assigned");
                return refusal is null ? changed : null;
            },
            cancellationToken);
        return updated is null ? Refusals.NoLicense(platform, id)
            : refusal is not null ? new Outcome.Refused(refusal)
            : new Outcome.Done(LicenseJson.Of(updated), console =>
                console.MarkupLineInterpolated($"[green]Updated[/] license [bold]{updated.Id}[/] ({updated.Name}) of platform [bold]{updated.Platform}[/], seats: {updated.SeatsUsed:N0} used of {Cells.Seats(updated.Seats)}."));
    }

    private static string? WhyRefused(License license, License changed, bool force) =>
        changed.Starts >= changed.Expires
            ? $"License {license.Id} would start after it expires: pass a --starts before --expires."
        : changed.Seats != license.Seats && changed.Seats < license.SeatsUsed && !force
            ? $"License {license.Id} has {license.SeatsUsed} {Plural.For(license.SeatsUsed, "seat")} in use, more than {changed.Seats}: free {(license.SeatsUsed == 1 ? "it" : $"{license.SeatsUsed - changed.Seats} of them")} first, or pass --force to keep the assignments and refuse new ones until enough seats are free."
        : null;
}
