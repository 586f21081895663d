using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Licensing.Storage;

/// <summary>
/// What the service tells of its work; docs/operations.md says what each is good for. Nothing is measured while nobody
/// listens, and nothing here ever holds a secret or an e-mail address.
/// </summary>
public static class ServiceTelemetry
{
    /// <summary>Of the activity source and of the meter.</summary>
    public const string Name = "LicenseAssignments";

    /// <summary>Spans of requests and of transactions.</summary>
    public static ActivitySource Source { get; } = new(Name);

    /// <summary>All instruments of the service.</summary>
    public static Meter Meter { get; } = new(Name);
}
