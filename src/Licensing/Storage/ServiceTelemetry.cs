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

    public static ActivitySource Source { get; } = new(Name);

    public static Meter Meter { get; } = new(Name);
}
