using System.Globalization;
using System.Text.Json.Serialization;

namespace Benchmarks;

/// <summary>All figures of a run, as <c>docs/performance/results.json</c> keeps them.</summary>
internal sealed record Results(Machine Machine)
{
    public List<StorageFigure> Storage { get; set; } = [];

    public List<StorageFigure> OneLicense { get; set; } = [];

    public List<HotLicenseFigure> HotLicense { get; set; } = [];

    public List<LastSeatsFigure> LastSeats { get; set; } = [];

    public List<HostFigure> Host { get; set; } = [];

    public List<CostFigure> Cost { get; set; } = [];

    public List<WorkingSetFigure> WorkingSet { get; set; } = [];

    public List<WorkingSetFigure> WorkerWorkingSet { get; set; } = [];

    public List<ObviousFigure> Obvious { get; set; } = [];

    public List<OversoldFigure> Oversold { get; set; } = [];

    public List<StartFigure> Start { get; set; } = [];

    public List<StartFigure> WorkerStart { get; set; } = [];

    /// <summary>The published worker beside an empty one, both under the test host.</summary>
    public List<HostFigure> Worker { get; set; } = [];

    public List<ShippedFigure> Shipped { get; set; } = [];

    public List<GrowthFigure> Growth { get; set; } = [];

    public List<GrowthFigure> GrowthInMemory { get; set; } = [];

    public List<EnduranceFigure> Endurance { get; set; } = [];

    public List<Bar> Bars { get; set; } = [];
}

internal sealed record Machine(string Processor, int Cores, string System, string Runtime, int Rounds);

/// <param name="Callers">Callers of the API; the bare client has as many, or one if it writes one by one.</param>
/// <param name="PerSecond">The API beside the bare storage client.</param>
internal sealed record StorageFigure(string Operation, int DelayMilliseconds, int Callers, Compared PerSecond);

/// <param name="PerSecond">Creates that arrive per second, on all instances together.</param>
/// <param name="Calls">Storage calls for each create.</param>
/// <param name="Failed">Share of the transactions that conflicted with another instance.</param>
/// <param name="Refused">Creates rejected with 503, of all rounds.</param>
internal sealed record HotLicenseFigure(
    int Instances, double PerSecond, Spread MedianMilliseconds, Spread SlowMilliseconds, Spread Calls, Spread Failed, int Refused);

/// <param name="Given">Seats taken in storage at the end of each round.</param>
/// <param name="Milliseconds">Time until all callers had a response.</param>
internal sealed record LastSeatsFigure(int Instances, int Seats, int Callers, Spread Given, Spread Milliseconds);

/// <param name="PerSecond">LocalHost beside a bare Kestrel endpoint, or the worker beside an empty one.</param>
/// <param name="CpuMicroseconds">Per request, in the server's process.</param>
internal sealed record HostFigure(string Answer, int Callers, Compared PerSecond, Compared CpuMicroseconds);

/// <param name="CpuMilliseconds">Per request, user and system, the API's process beside the bare storage client's.</param>
/// <param name="AllocatedKilobytes">Per request.</param>
internal sealed record CostFigure(string Operation, Compared CpuMilliseconds, Compared AllocatedKilobytes);

/// <summary>The published worker beside LocalHost and beside the limit of both.</summary>
/// <param name="CpuMilliseconds">Per request, user and system, in the process of the worker, of LocalHost and of the limit.</param>
/// <param name="AllocatedKilobytes">Per request.</param>
internal sealed record ShippedFigure(string Operation, ThreeSides PerSecond, ThreeSides CpuMilliseconds, ThreeSides AllocatedKilobytes);

/// <param name="Limit">The bare storage client, or for refusals an empty worker.</param>
/// <param name="OfLocalHost">The ratio of the worker to LocalHost in each round.</param>
/// <param name="OfLimit">The ratio of the worker to the limit in each round.</param>
internal sealed record ThreeSides(Spread Worker, Spread LocalHost, Spread Limit, Spread OfLocalHost, Spread OfLimit)
{
    public override string ToString() => $"{Worker} / {LocalHost} / {Limit}, {OfLocalHost} of LocalHost, {OfLimit} of the limit";
}

internal sealed record WorkingSetFigure(string Process, int Requests, double Megabytes);

/// <param name="Assignments">The number of assignments the license already has.</param>
internal sealed record ObviousFigure(
    int Assignments, Spread ObviousMilliseconds, double ObviousCalls, double ObviousRows, Spread ApiMilliseconds, double ApiCalls, double ApiRows);

/// <param name="Given">Seats taken in storage at the end of each round.</param>
internal sealed record OversoldFigure(string Implementation, int Seats, int Callers, Spread Given);

/// <param name="With">The baseline that LocalHost or the worker is compared with.</param>
/// <param name="Milliseconds">From process start to the first 200.</param>
/// <param name="CpuMilliseconds">User and system time of the process until then.</param>
internal sealed record StartFigure(string With, Compared Milliseconds, Compared CpuMilliseconds);

/// <param name="Of">The kind of rows that the platform has many of.</param>
internal sealed record GrowthFigure(string Of, int Size, string Operation, Spread Milliseconds, double Calls, double Rows);

/// <param name="Minute">Minutes from the start to the end of the window.</param>
/// <param name="MedianMilliseconds">From the due time of a request to its response; null if there was no response in the window.</param>
/// <param name="SlowMilliseconds">The 99th percentile of the same.</param>
/// <param name="Resent">Requests repeated after a 503 or a missing response.</param>
internal sealed record EnduranceFigure(
    double Minute, double PerSecond, double? MedianMilliseconds, double? SlowMilliseconds, int Resent, List<ProcessFigure?> Workers)
{
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Minute,5:F1} min: {PerSecond:F0} a second, p50 {MedianMilliseconds:F1} ms, p99 {SlowMilliseconds:F1} ms, {Resent} sent again, {string.Join(", ", Workers)}");
}

internal sealed record ProcessFigure(double Megabytes, int Handles)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Megabytes:F0} MB and {Handles} handles");
}

internal sealed record Bar(string Figure, string Wanted, string Measured, bool Met);

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(Results))]
internal sealed partial class ResultsJson : JsonSerializerContext;
