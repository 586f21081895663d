namespace LocalHost;

/// <summary>What the page says first when there is a demo: whom to try it with, and the three steps. The reference follows.</summary>
internal static class FirstScreen
{
    /// <summary>As high as the screen, in the colours of the page below it.</summary>
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
          <p>The demo has one license and three users: {{string.Join(", ", Demo.Emails)}}. Its API key is filled in already.</p>
          <ol>
            <li><b>Create</b> an assignment: {{Demo.Email}} gets a seat.</li>
            <li><b>Check</b> {{Demo.Email}}: the answer is 200.</li>
            <li><b>Delete</b> the assignment by the id of step 1: the seat is free again.</li>
          </ol>
          <p>Scroll down; each operation below has a button <b>Test Request</b>, and there <b>Send</b>.</p>
        </header>
        """;
}
