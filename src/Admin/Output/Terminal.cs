using Spectre.Console;
using Spectre.Console.Rendering;

namespace Admin.Output;

/// <summary>Output for people: colored on a terminal only, and not there either when NO_COLOR is set.</summary>
/// <seealso href="https://no-color.org"/>
internal static class Terminal
{
    /// <summary>Lines are not wrapped in a file or a pipe.</summary>
    private const int UnfoldedWidth = 1000;

    /// <summary>Standard output, for results.</summary>
    public static IAnsiConsole Open() => Open(Console.Out, Console.IsOutputRedirected);

    /// <summary>Does the work and shows the progress it reports on standard error, if that is a terminal.</summary>
    public static async Task<T> ShowingAsync<T>(string beginning, Func<Action<string>, Task<T>> work) =>
        Console.IsErrorRedirected
            ? await work(_ => { })
            : await Open(Console.Error, redirected: false).Status().StartAsync(
                Markup.Escape(beginning), status => work(text => status.Status(Markup.Escape(text))));

    /// <summary>Does the work and shows progress, rate and time left on standard error, if that is a terminal.</summary>
    /// <param name="work">Receives a callback that counts finished items.</param>
    public static async Task<T> CountingAsync<T>(string doing, int total, Func<Action<int>, Task<T>> work) =>
        Console.IsErrorRedirected || total == 0
            ? await work(_ => { })
            : await Open(Console.Error, redirected: false).Progress()
                .Columns(
                    new TaskDescriptionColumn(),
                    new ProgressBarColumn(),
                    new PercentageColumn(),
                    new RateColumn(),
                    new RemainingTimeColumn())
                .StartAsync(progress =>
                {
                    ProgressTask task = progress.AddTask(Markup.Escape(doing), maxValue: total);
                    return work(done => task.Increment(done));
                });

    private static IAnsiConsole Open(TextWriter writer, bool redirected)
    {
        bool plain = redirected || Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 };
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = plain ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = plain ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
            // They turn color on for the logs of some build servers.
            Enrichment = new ProfileEnrichment { UseDefaultEnrichers = false },
            Out = new AnsiConsoleOutput(writer),
        });
        if (redirected)
        {
            console.Profile.Width = UnfoldedWidth;
        }

        return console;
    }

    private sealed class RateColumn : ProgressColumn
    {
        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
            new Text(task.Speed is { } speed ? $"{speed:N0}/s" : "");
    }
}
