using Spectre.Console;

namespace Admin;

/// <summary>Standard output for people: coloured on a terminal only, and there only where NO_COLOR does not ask otherwise.</summary>
/// <seealso href="https://no-color.org"/>
internal static class Terminal
{
    /// <summary>In a file or a pipe no line is folded.</summary>
    private const int UnfoldedWidth = 1000;

    public static IAnsiConsole Open()
    {
        bool plain = Console.IsOutputRedirected || Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 };
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = plain ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = plain ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
            // They turn colour on for the logs of some build servers.
            Enrichment = new ProfileEnrichment { UseDefaultEnrichers = false },
            Out = new AnsiConsoleOutput(Console.Out),
        });
        if (Console.IsOutputRedirected)
        {
            console.Profile.Width = UnfoldedWidth;
        }

        return console;
    }
}
