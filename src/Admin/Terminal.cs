using Spectre.Console;

namespace Admin;

/// <summary>Output for people: coloured on a terminal only, and there only where NO_COLOR does not ask otherwise.</summary>
/// <seealso href="https://no-color.org"/>
internal static class Terminal
{
    /// <summary>In a file or a pipe no line is folded.</summary>
    private const int UnfoldedWidth = 1000;

    /// <summary>Standard output, for results.</summary>
    public static IAnsiConsole Open() => Open(Console.Out, Console.IsOutputRedirected);

    /// <summary>Does the work and shows what it tells of its progress, on standard error when that is a terminal.</summary>
    public static async Task<T> ShowingAsync<T>(string beginning, Func<Action<string>, Task<T>> work) =>
        Console.IsErrorRedirected
            ? await work(_ => { })
            : await Open(Console.Error, redirected: false).Status().StartAsync(
                Markup.Escape(beginning), status => work(text => status.Status(Markup.Escape(text))));

    private static IAnsiConsole Open(TextWriter writer, bool redirected)
    {
        bool plain = redirected || Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 };
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = plain ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = plain ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
            // They turn colour on for the logs of some build servers.
            Enrichment = new ProfileEnrichment { UseDefaultEnrichers = false },
            Out = new AnsiConsoleOutput(writer),
        });
        if (redirected)
        {
            console.Profile.Width = UnfoldedWidth;
        }

        return console;
    }
}
