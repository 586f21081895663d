using System.CommandLine;
using Admin.Arguments;
using Admin.Bench;
using Admin.Output;
using Licensing;
using Licensing.Storage;
using Licensing.Verification;
using Microsoft.Extensions.DependencyInjection;

namespace Admin.Commands.Storage;

internal sealed class BenchCommand(IServiceProvider services, Tables tables, AssignmentService service)
{
    /// <summary>Users for each second of creates; more than can be assigned in that time.</summary>
    private const int UsersPerSecond = 600;

    private const int MaxUsers = 10_000;

    public static Command Define()
    {
        Option<Uri?> url = new("--url") { Description = "Measure the running API at this address, which must use the same storage. [default: the service in this process]", CustomParser = ValueParser.WebAddress };
        Option<IReadOnlyList<int>?> callers = new("--callers") { Description = "Number of concurrent callers; several numbers are measured one after another. [default: 1,16]", CustomParser = ValueParser.Callers };
        Option<int?> seconds = new("--seconds") { Description = "Seconds to measure each operation. [default: 5]", CustomParser = ValueParser.Seconds };
        Option<string?> svg = new("--svg") { Description = "Also write the chart to this file, as SVG.", CustomParser = ValueParser.Path };
        return new Command("bench", "Measures creates, checks and deletes on your storage, with a temporary platform. This puts load on the storage account.")
            {
                url, callers, seconds, svg,
            }
            .PrintsCsv()
            .WithExamples("bench", "bench --callers 1,16,64 --seconds 20 --svg bench.svg", "bench --url https://licenses.azurewebsites.net")
            .Runs<BenchCommand>(
                (command, arguments, cancellationToken) => command.RunAsync(
                    new BenchRequest(
                        arguments.GetValue(url),
                        arguments.GetValue(callers) ?? [1, 16],
                        arguments.GetValue(seconds) ?? 5,
                        arguments.GetValue(svg)),
                    cancellationToken),
                CommandRunner.Writes);
    }

    private async Task<Outcome> RunAsync(BenchRequest request, CancellationToken cancellationToken)
    {
        using ChartFile? chart = ChartFile.Open(request.Svg, out string? whyNotWritable);
        if (whyNotWritable is not null)
        {
            return new Outcome.Refused(whyNotWritable);
        }

        await tables.CreateIfMissingAsync(cancellationToken).OrGiveUp(cancellationToken);
        BenchPlatform bench = ActivatorUtilities.CreateInstance<BenchPlatform>(services);
        Console.Error.WriteLine($"Platform {bench.Platform.Key} is removed at the end; if it is not, use 'platform suspend' and 'platform remove'.");
        using StorageCallCounter calls = new();
        bool isSettled = true;
        try
        {
            await Terminal.ShowingAsync("Adding users", _ => DoneAsync(
                bench.CreateAsync(Math.Min(MaxUsers, request.Callers.Sum() + (UsersPerSecond * request.Seconds)), cancellationToken)));
            using IBenchTarget target = request.Url is { } url
                ? new HttpTarget(url, await bench.CreateKeyAsync(cancellationToken), bench.LicenseId)
                : new ServiceTarget(service, bench);
            BenchRun run = new(target, bench, request.Url is null ? calls : null);
            try
            {
                return await MeasureAsync(run, request, chart, cancellationToken);
            }
            finally
            {
                isSettled = run.IsSettled;
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // CommandRunner then reports that nothing was changed, which is true once the platform is removed.
            throw new InterruptedException();
        }
        finally
        {
            await Terminal.ShowingAsync($"Removing {bench.Platform.Key}", _ => DoneAsync(bench.RemoveAsync(isSettled, CancellationToken.None)));
        }
    }

    private async Task<Outcome> MeasureAsync(BenchRun run, BenchRequest request, ChartFile? chart, CancellationToken cancellationToken)
    {
        List<MeasurementJson> measured = [];
        foreach (int callers in request.Callers)
        {
            if (await run.TryOutAsync(callers) is { } failure)
            {
                return new Outcome.Refused(request.Url is { } url
                    ? $"The API at {url.Authority} answered with a failure ({failure}): check --url, and that the API uses the storage named above."
                    : $"A request failed ({failure}): check the storage named above, then run the command again.");
            }

            measured.AddRange(await Terminal.ShowingAsync(
                "Measuring", report => run.RoundAsync(callers, TimeSpan.FromSeconds(request.Seconds), report, cancellationToken)));
        }

        BenchJson result = new(AdminSettings.StorageName(services), request.Url?.OriginalString, request.Seconds, measured);
        List<string> sentences = [.. run.Failures.Select(failure => $"{failure.Value} {Plural.For(failure.Value, "request")} failed: {failure.Key}.")];
        // The measurements are printed even without the chart.
        if (chart?.Write(BenchChart.Svg(measured)) is { } whyNotWritten)
        {
            sentences.Add(whyNotWritten);
        }

        return new Outcome.Done(
            result,
            console =>
            {
                Lists.Measurements.Write(measured, console);
                BenchChart.Write(measured, console);
            },
            sentences.Count > 0 ? ExitCode.Refused : ExitCode.Done,
            [.. sentences])
        { Rows = measured };
    }

    private static async Task<bool> DoneAsync(Task work)
    {
        await work;
        return true;
    }

    private sealed record BenchRequest(Uri? Url, IReadOnlyList<int> Callers, int Seconds, string? Svg);
}
