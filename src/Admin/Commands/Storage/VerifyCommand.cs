using System.CommandLine;
using Admin.Arguments;
using Admin.Output;
using Licensing.Platforms;
using Licensing.Verification;
using Spectre.Console;

namespace Admin.Commands.Storage;

internal sealed class VerifyCommand(PlatformStore platforms, Verifier verifier)
{
    public static Command Define()
    {
        PlatformArgument platform = new() { Arity = ArgumentArity.ZeroOrOne, Description = "The platform's key. [default: all platforms]" };
        Option<bool> repair = new("--repair") { Description = "Repair what can be derived from other rows, then verify again." };
        return new Command("verify", "Checks every row against the history and related rows; safe while the service runs.") { platform, repair }
            .WithExamples("verify", "verify acme --repair", "verify --json")
            .Runs<VerifyCommand>(
                (command, arguments, cancellationToken) =>
                    command.RunAsync(arguments.GetValue(platform), arguments.GetValue(repair), cancellationToken),
                arguments => arguments.GetValue(repair));
    }

    private async Task<Outcome> RunAsync(string? platform, bool repair, CancellationToken cancellationToken)
    {
        if (platform is not null && await platforms.FindAsync(platform, cancellationToken) is null)
        {
            return Refusals.NoPlatform(platform);
        }

        List<string> keys = platform is not null
            ? [platform]
            : await platforms.AllAsync(cancellationToken).Select(found => found.Key).ToListAsync(cancellationToken);
        List<VerificationJson> results = await Terminal.ShowingAsync("Reading", async report =>
        {
            SynchronousProgress progress = new(report);
            List<VerificationJson> found = [];
            foreach (string key in keys)
            {
                found.Add(await VerifyAsync(key, repair, progress, cancellationToken));
            }

            return found;
        });
        return new Outcome.Done(
            results,
            console => Show(results, console),
            results.TrueForAll(result => result.IsClean) ? ExitCode.Done : ExitCode.Refused);
    }

    private async Task<VerificationJson> VerifyAsync(
        string platform, bool repair, IProgress<VerificationProgress> progress, CancellationToken cancellationToken)
    {
        VerificationReport report = await verifier.VerifyAsync(platform, repair, progress, cancellationToken);
        VerificationReport? afterwards = repair && report.Violations.Count > 0
            ? await verifier.VerifyAsync(platform, repair: false, progress, cancellationToken)
            : null;
        return VerificationJson.Of(report, afterwards);
    }

    private static void Show(List<VerificationJson> results, IAnsiConsole console)
    {
        if (results.Count == 0)
        {
            console.WriteLine("No platforms.");
        }

        foreach (VerificationJson result in results)
        {
            Show(result, console);
        }
    }

    private static void Show(VerificationJson result, IAnsiConsole console)
    {
        int count = result.Violations.Count;
        string verdict = count == 0 ? "[green]clean[/]" : $"[red]{count} {Plural.For(count, "violation")}[/]";
        console.MarkupLine(
            $"[bold]{Markup.Escape(result.PlatformKey)}[/]: {verdict}; licenses {result.Licenses}, users {result.Users}, "
            + $"assignments {result.Assignments} ({result.ActiveAssignments} active), changes {result.Changes}.");
        Show(result.Violations, console);
        foreach (string repair in result.Repairs)
        {
            console.MarkupLineInterpolated($"  [green]repaired[/] {repair}");
        }

        if (result.Remaining is { Count: > 0 } remaining)
        {
            console.WriteLine("Remaining:");
            Show(remaining, console);
        }
        else if (result.Remaining is not null)
        {
            console.MarkupLine("Verified again: [green]clean[/].");
        }
    }

    private static void Show(IReadOnlyList<ViolationJson> violations, IAnsiConsole console)
    {
        foreach (ViolationJson violation in violations)
        {
            console.MarkupLineInterpolated($"  [red]{violation.Code}[/] {violation.Detail}");
        }
    }

    /// <summary>Reports synchronously and in order, unlike <see cref="Progress{T}"/>.</summary>
    private sealed class SynchronousProgress(Action<string> report) : IProgress<VerificationProgress>
    {
        public void Report(VerificationProgress value) => report($"{value.Platform}: {value.Reading}, {value.Rows:N0} {Plural.For(value.Rows, "row")}");
    }
}
