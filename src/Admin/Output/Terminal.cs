using Spectre.Console;
using Spectre.Console.Rendering;

namespace Admin.Output;

/// <summary>Output for people: colored only on a terminal, and only if NO_COLOR is not set.</summary>
/// <seealso href="https://no-color.org"/>
internal static class Terminal
{
    /// <summary>Lines are not wrapped in a file or a pipe.</summary>
    private const int UnfoldedWidth = 1000;

    /// <summary>Opens standard output for results.</summary>
    public static IAnsiConsole Open()
    {
        IAnsiConsole console = Open(Console.Out, Console.IsOutputRedirected || IsColorless ? AnsiSupport.No : AnsiSupport.Detect);
        if (Console.IsOutputRedirected)
        {
            console.Profile.Width = UnfoldedWidth;
        }

        return console;
    }

    /// <summary>Does the work and, if standard error is a terminal, shows the progress that it reports there.</summary>
    public static async Task<T> ShowingAsync<T>(string beginning, Func<Action<string>, Task<T>> work) =>
        Console.IsErrorRedirected
            ? await work(_ => { })
            : await OpenError().Status().StartAsync(
                Markup.Escape(beginning), status => work(text => status.Status(Markup.Escape(text))));

    /// <summary>Reports what is being read, and the number of rows read with each thousandth row.</summary>
    public static IAsyncEnumerable<T> Reporting<T>(this IAsyncEnumerable<T> rows, string reading, Action<string> report)
    {
        const int Every = 1_000;
        report(reading);
        return rows.Select((row, index) =>
        {
            if ((index + 1) % Every == 0)
            {
                report($"{reading}, {index + 1:N0}");
            }

            return row;
        });
    }

    /// <summary>Does the work and, if standard error is a terminal, shows the items done, the rate and the time left there.</summary>
    /// <param name="work">Receives a callback that counts finished items.</param>
    public static async Task<T> CountingAsync<T>(string doing, int total, Func<Action<int>, Task<T>> work) =>
        Console.IsErrorRedirected || total == 0
            ? await work(_ => { })
            : await OpenError().Progress()
                .Columns(
                    new TaskDescriptionColumn(),
                    new ProgressBarColumn(),
                    new CountColumn(),
                    new RateColumn(),
                    new RemainingTimeColumn())
                .StartAsync(progress =>
                {
                    ProgressTask task = progress.AddTask(Markup.Escape(doing), maxValue: total);
                    return work(done => task.Increment(done));
                });

    private static bool IsColorless => Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 };

    /// <summary>Opens standard error for progress. Without color, progress still needs the terminal's cursor control.</summary>
    private static IAnsiConsole OpenError()
    {
        IAnsiConsole console = Open(Console.Error, AnsiSupport.Detect);
        // By default it is off if standard output is redirected.
        console.Profile.Capabilities.Interactive = true;
        return console;
    }

    private static IAnsiConsole Open(TextWriter writer, AnsiSupport ansi) => AnsiConsole.Create(new AnsiConsoleSettings
    {
        Ansi = ansi,
        ColorSystem = ansi == AnsiSupport.No || IsColorless ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
        // The enrichers turn color on for the logs of some build servers.
        Enrichment = new ProfileEnrichment { UseDefaultEnrichers = false },
        Out = new AnsiConsoleOutput(writer),
    });

    private sealed class CountColumn : ProgressColumn
    {
        protected override bool NoWrap => true;

        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
            new Text($"{task.Value:N0} of {task.MaxValue:N0}");
    }

    private sealed class RateColumn : ProgressColumn
    {
        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
            new Text(task.Speed is { } speed ? $"{speed:N0}/s" : "");
    }
}
