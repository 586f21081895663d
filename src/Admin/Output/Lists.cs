using System.Globalization;
using Spectre.Console;

namespace Admin.Output;

/// <summary>The columns of every list.</summary>
internal static class Lists
{
    public static readonly Listing<PlatformJson> Platforms = new(
        "No platforms.",
        new("platform", row => Cells.Text(row.PlatformKey), Wraps: true),
        new("organization", row => Cells.Text(row.PlatformOrg), Wraps: true),
        new("suspended", row => Cells.YesNo(row.Suspended)));

    public static readonly Listing<LicenseJson> Licenses = new(
        "No licenses.",
        new("id", row => Cells.Id(row.Id), IsNumber: true),
        new("name", row => Cells.Text(row.Name), Wraps: true),
        new("used", row => Cells.Number(row.SeatsUsed), IsNumber: true),
        new("total", row => Cells.Text(Cells.Seats(row.Seats)), IsNumber: true),
        new("free", row => Cells.Number(row.Free), IsNumber: true),
        new("", row => Cells.Bar(row.SeatsUsed, row.Seats)),
        new("active", row => Cells.YesNo(row.Active)),
        new("expires", row => Cells.Instant(row.Expires)));

    public static readonly Listing<UserJson> Users = new(
        "No users.",
        new("id", row => Cells.Id(row.Id), IsNumber: true),
        new("username", row => Cells.Text(row.Username), Wraps: true),
        new("e-mail", row => Cells.Text(row.Email), Wraps: true));

    public static readonly Listing<AssignmentJson> Assignments = new(
        "No assignments.",
        new("id", row => Cells.Id(row.Id), IsNumber: true),
        new("user", row => Cells.Id(row.UserId), IsNumber: true),
        new("username", row => Cells.Text(row.Username), Wraps: true),
        new("e-mail", row => Cells.Text(row.Email), Wraps: true),
        new("license", row => Cells.Id(row.LicenseId), IsNumber: true),
        new("active", row => Cells.YesNo(row.Active)),
        new("fulfilled", row => Cells.YesNo(row.Fulfilled)),
        new("created", row => Cells.Instant(row.Created)),
        new("changed", row => Cells.Instant(row.Changed)),
        new("by", row => Cells.Text(row.By), Wraps: true));

    public static readonly Listing<AssignmentChangeJson> Changes = new(
        "No changes.",
        new("at (UTC)", row => Cells.Instant(row.At)),
        new("by", row => Cells.Text(row.By), Wraps: true),
        new("assignment", row => Cells.Id(row.AssignmentId), IsNumber: true),
        new("user", row => Cells.Id(row.UserId), IsNumber: true),
        new("license", row => Cells.Id(row.LicenseId), IsNumber: true),
        new("before", row => Cells.Text(row.Before?.ToString() ?? "created"), Wraps: true),
        new("after", row => Cells.Text(row.After?.ToString() ?? "deleted"), Wraps: true));

    public static readonly Listing<SyncStepJson> SyncSteps = new(
        "Nothing to change.",
        new("action", row => Cells.Text(row.Action)),
        new("user", row => Cells.Id(row.UserId), IsNumber: true),
        new("username", row => Cells.Text(row.Username), Wraps: true),
        new("e-mail", row => Cells.Text(row.Email), Wraps: true),
        new("why", row => Cells.Text(row.Why), Wraps: true));

    public static readonly Listing<LicenseChangeJson> LicenseChanges = new(
        "No changes.",
        new("at (UTC)", row => Cells.Instant(row.At)),
        new("by", row => Cells.Text(row.By), Wraps: true),
        new("license", row => Cells.Id(row.LicenseId), IsNumber: true),
        new("change", row => Cells.Text(row.Summary), Wraps: true));

    public static readonly Listing<EventJson> Events = new(
        "No events.",
        new("at (UTC)", row => Cells.Instant(row.At)),
        new("event", row => Cells.Text(row.Event)),
        new("license", row => Cells.Id(row.LicenseId), IsNumber: true),
        new("assignment", row => Cells.Text(row.AssignmentId?.ToString(CultureInfo.InvariantCulture)), IsNumber: true),
        new("user", row => Cells.Text(row.UserId?.ToString(CultureInfo.InvariantCulture)), IsNumber: true),
        new("by", row => Cells.Text(row.By), Wraps: true));

    public static readonly Listing<MeasurementJson> Measurements = new(
        "Nothing was measured.",
        new("operation", row => Cells.Text(row.Operation)),
        new("callers", row => Cells.Number(row.Callers), IsNumber: true),
        new("per second", row => Cells.Number((long)Math.Round(row.PerSecond)), IsNumber: true),
        new("p50 ms", row => Cells.Decimal(row.P50Ms), IsNumber: true),
        new("p99 ms", row => Cells.Decimal(row.P99Ms), IsNumber: true),
        new("p100 ms", row => Cells.Decimal(row.P100Ms), IsNumber: true),
        new("requests", row => Cells.Number(row.Requests), IsNumber: true),
        new("failed", row => Cells.Number(row.Failed), IsNumber: true),
        new("storage calls each", row => Cells.Decimal(row.StorageCallsPerRequest), IsNumber: true));

    /// <param name="now">Decides which keys have expired.</param>
    public static Listing<ApiKeyJson> ApiKeys(DateTimeOffset now) => new(
        "No API keys.",
        new("key id", row => Cells.Text(row.KeyId)),
        new("name", row => Cells.Text(row.Name), Wraps: true),
        new("created", row => Cells.Instant(row.Created)),
        new("expires", row => Cells.Instant(row.Expires, "never")),
        new("last used (hour)", row => Cells.Instant(row.LastUsed, "never")),
        new("state", row => row.State(now) is "valid" ? new Markup("[green]valid[/]") : new Markup($"[red]{row.State(now)}[/]")));
}
