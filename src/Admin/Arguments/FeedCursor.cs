using System.Buffers.Text;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text;
using Admin.Output;

namespace Admin.Arguments;

/// <summary>
/// Where a feed continues. A change becomes visible in storage up to seconds after its time, so the cursor goes back a
/// little and contains the ids of the events already shown since then.
/// </summary>
/// <param name="Since">Events are read from this time on.</param>
/// <param name="Shown">Ids of events since then that were already shown.</param>
internal sealed record FeedCursor(DateTimeOffset Since, IReadOnlySet<string> Shown)
{
    /// <summary>Well over the deadline of a request plus the clock skew between instances.</summary>
    private static readonly TimeSpan Settled = TimeSpan.FromMinutes(1);

    /// <summary>Keeps the cursor short enough for a command line. Beyond it, events of the last minute may be shown again.</summary>
    private const int MaxShown = 1_000;

    public static FeedCursor? Parse(ArgumentResult result)
    {
        try
        {
            string[] parts = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(result.Tokens[0].Value)).Split(' ');
            return new FeedCursor(
                new DateTimeOffset(long.Parse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture), TimeSpan.Zero),
                parts[1..].ToHashSet());
        }
        catch (Exception exception) when (exception is FormatException or OverflowException or ArgumentException)
        {
            result.AddError("--after must be a cursor printed by 'history'.");
            return null;
        }
    }

    /// <param name="read">All events from <see cref="Since"/> on.</param>
    public FeedCursor Next(IReadOnlyCollection<EventJson> read, DateTimeOffset now)
    {
        DateTimeOffset last = read.Count == 0 ? Since : read.Max(each => each.At);
        DateTimeOffset since = last < now - Settled ? last : now - Settled;
        since = since < Since ? Since : since;
        return new FeedCursor(since, read.Where(each => each.At >= since).Select(each => each.Id).Take(MaxShown).ToHashSet());
    }

    public override string ToString() =>
        Base64Url.EncodeToString(Encoding.UTF8.GetBytes(string.Join(' ', Shown.Prepend(Since.UtcTicks.ToString(CultureInfo.InvariantCulture)))));
}
