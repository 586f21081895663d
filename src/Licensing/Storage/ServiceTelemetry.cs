using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Licensing.Storage;

/// <summary>
/// The activity source and the meter of the service; docs/operations.md describes the metrics. Nothing is measured
/// without a listener, and no measurement contains a secret or an e-mail address.
/// </summary>
public static class ServiceTelemetry
{
    /// <summary>The name of the activity source and of the meter.</summary>
    public const string Name = "LicenseAssignments";

    /// <summary>Spans of requests and of transactions.</summary>
    public static ActivitySource Source { get; } = new(Name);

    /// <summary>All instruments of the service.</summary>
    public static Meter Meter { get; } = new(Name);
}
