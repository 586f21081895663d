using System.CommandLine;
using Licensing.Platforms;
using Licensing.Verification;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;

namespace Admin.Verbs;

internal static class Verify
{
    public static Command Command()
    {
        PlatformArgument platform = new() { Arity = ArgumentArity.ZeroOrOne, Description = "The platform's key. [default: all platforms]" };
        Option<bool> repair = new("--repair") { Description = "Mend what follows from the rest, then verify again." };

        return new Command("verify", "Holds every row against the history and against the others; may run while requests are served.")
        {
            platform,
            repair,
        }.WithExamples("verify", "verify acme --repair", "verify --json")
            .Runs(async (arguments, services, cancellationToken) =>
        {
            PlatformStore platforms = services.GetRequiredService<PlatformStore>();
            List<string> keys;
            if (arguments.GetValue(platform) is not { } key)
            {
                keys = await platforms.AllAsync(cancellationToken).Select(found => found.Key).ToListAsync(cancellationToken);
            }
            else if (await platforms.FindAsync(key, cancellationToken) is null)
            {
                return VerbCommand.NoSuchPlatform(key);
            }
            else
            {
                keys = [key];
            }

            bool mend = arguments.GetValue(repair);
            Verifier verifier = services.GetRequiredService<Verifier>();
            List<VerificationJson> results = await Terminal.ShowingAsync("Reading", async tell =>
            {
                Telling progress = new(tell);
                List<VerificationJson> found = [];
                foreach (string each in keys)
                {
                    VerificationReport report = await verifier.VerifyAsync(each, mend, progress, cancellationToken);
                    VerificationReport? afterwards = mend && report.Violations.Count > 0
                        ? await verifier.VerifyAsync(each, repair: false, progress, cancellationToken)
                        : null;
                    found.Add(VerificationJson.Of(report, afterwards));
                }

                return found;
            });

            return new Outcome.Done(
                results,
                console => Show(results, console),
                results.TrueForAll(result => result.IsClean) ? ExitCode.Done : ExitCode.Refused);
        }, arguments => arguments.GetValue(repair));
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
        string verdict = result.Violations.Count switch
        {
            0 => "[green]clean[/]",
            1 => "[red]1 violation[/]",
            var count => $"[red]{count} violations[/]",
        };
        console.MarkupLine(
            $"[bold]{Markup.Escape(result.PlatformKey)}[/]: {verdict}; licenses {result.Licenses}, users {result.Users}, "
            + $"assignments {result.Assignments} ({result.ActiveAssignments} active), changes {result.Changes}.");
        Show(result.Violations, console);
        foreach (string done in result.Repairs)
        {
            console.MarkupLineInterpolated($"  [green]mended[/] {done}");
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

    /// <summary>Tells at once, in order; <see cref="Progress{T}"/> would do so later.</summary>
    private sealed class Telling(Action<string> tell) : IProgress<VerificationProgress>
    {
        public void Report(VerificationProgress value) => tell($"{value.Platform}: {value.Reading}, {value.Rows:N0} rows");
    }
}
