namespace LocalHost;

/// <summary>The introduction of the page if there is a demo: its users and three steps to try. The reference follows below.</summary>
internal static class FirstScreen
{
    /// <summary>Fills the screen and uses the colors of the reference.</summary>
    public static string Html { get; } = $$"""
        <style>
          .first-screen { box-sizing: border-box; min-height: 100vh; min-height: 100svh; padding: 2rem 1.25rem; display: flex; flex-direction: column; justify-content: center; color: var(--scalar-color-1, inherit); background: var(--scalar-background-1, inherit); font: 1rem/1.5 system-ui, sans-serif; }
          .first-screen > * { box-sizing: border-box; width: 100%; max-width: 40rem; margin: 0 auto 1rem; overflow-wrap: anywhere; }
          .first-screen h1 { font-size: 1.75rem; line-height: 1.2; font-weight: bold; }
          .first-screen ol { list-style: decimal; padding-left: 1.5rem; }
          .first-screen li { margin-bottom: .5rem; }
        </style>
        <header class="first-screen">
          <h1>License assignment API</h1>
          <p>The demo has one license and three users: {{string.Join(", ", Demo.Emails)}}. Its API key is already filled in.</p>
          <ol>
            <li><b>Create</b> an assignment for {{Demo.Email}}: it takes a seat.</li>
            <li><b>Check</b> {{Demo.Email}}: the response is 200.</li>
            <li><b>Delete</b> the assignment with the id from step 1: the seat is free again.</li>
          </ol>
          <p>Scroll down to an operation, choose <b>Test Request</b>, then <b>Send</b>.</p>
        </header>
        """;
}
