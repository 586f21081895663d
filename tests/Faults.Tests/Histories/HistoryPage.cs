using System.Globalization;
using System.Net;
using System.Text;

namespace Faults.Tests.Histories;

/// <summary>A history as a page: a row for each client, a bar for each attempt, a band for each disaster. Tooltips show requests and responses.</summary>
internal static class HistoryPage
{
    private const int PixelsPerSecond = 80;
    private const int RowHeight = 18;
    private const int Left = 80;
    private const int Top = 24;

    public static string Draw(IReadOnlyList<Line> history)
    {
        Call[] calls = [.. history.OfType<Call>().OrderBy(call => call.Sent)];
        long[] clients = [.. calls.Select(call => call.Client).Distinct().Order()];
        double seconds = calls.SelectMany(call => call.Tries ?? []).Select(each => each.Ended).DefaultIfEmpty(0).Max();
        double width = Left + (seconds * PixelsPerSecond) + 20;
        double height = Top + (clients.Length * RowHeight) + 10;
        string[] violations = [.. Judge.Violations(history)];
        StringBuilder page = new();
        page.Append(Invariant($$"""
            <!doctype html><meta charset="utf-8"><title>Clients' history</title>
            <style>body{font:13px sans-serif} text{font-size:11px} .ok{fill:#2a9d54} .no{fill:#d9a514} .busy{fill:#7a7a7a} .cut{fill:#c62828} .bad{fill:#7b1fa2} .disaster{fill:#c6282833}</style>
            <h1>Clients' history</h1><p>{{Text(history.OfType<Run>().Single().ToString())}}</p>
            <p>Green 200, yellow 400 or 404, gray 503, red no answer, violet anything else; bands: a process killed or storage frozen.</p>
            <p>{{violations.Length}} violations, listed below.</p>
            <svg width="{{width}}" height="{{height}}">
            """));
        foreach (Disaster disaster in history.OfType<Disaster>())
        {
            Bar(page, "disaster", disaster.Began, disaster.Ended, Top, height - Top, disaster.What);
        }

        for (int second = 0; second <= seconds; second++)
        {
            page.Append(Invariant($"<text x='{Left + (second * PixelsPerSecond)}' y='14'>{second} s</text>"));
        }

        for (int row = 0; row < clients.Length; row++)
        {
            double y = Top + (row * RowHeight);
            page.Append(Invariant($"<text x='2' y='{y + 12}'>client {clients[row]}</text>"));
            foreach (Call call in calls.Where(call => call.Client == clients[row]))
            {
                foreach (Try each in call.Tries ?? [])
                {
                    Bar(page, ColorOf(each.Status), each.Sent, each.Ended, y, RowHeight - 4, $"{What(call)}\ninstance {each.Instance}, {each.Sent} to {each.Ended} s: {each.Status?.ToString(CultureInfo.InvariantCulture) ?? "no answer"} {call.Code}");
                }
            }
        }

        return page.Append(Invariant($"</svg><ul>{string.Concat(violations.Select(violation => $"<li>{Text(violation)}</li>"))}</ul>\n")).ToString();
    }

    private static string What(Call call) => call.Operation switch
    {
        Operation.Put => Invariant($"put user {call.User} on license {call.License}, active {call.Active}, token {call.Token}, got id {call.Id}"),
        Operation.Delete => Invariant($"delete assignment {call.Assignment} of user {call.User} on license {call.License}"),
        _ => Invariant($"check user {call.User}"),
    };

    private static string ColorOf(int? status) => status switch
    {
        200 => "ok",
        400 or 404 => "no",
        503 => "busy",
        null => "cut",
        _ => "bad",
    };

    private static void Bar(StringBuilder page, string kind, double began, double ended, double y, double height, string title) => page.Append(Invariant(
        $"<rect class='{kind}' x='{Left + (began * PixelsPerSecond):F1}' y='{y}' width='{Math.Max(2, (ended - began) * PixelsPerSecond):F1}' height='{height}'><title>{Text(title)}</title></rect>\n"));

    private static string Text(string text) => WebUtility.HtmlEncode(text);

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
