using System.Diagnostics.Metrics;
using Licensing.Storage;

namespace Admin.Bench;

/// <summary>Counts every attempt of every storage call of this process.</summary>
internal sealed class StorageCallCounter : IDisposable
{
    private const string Instrument = "license_assignments.storage.calls";

    private readonly MeterListener _listener = new();
    private long _calls;

    public StorageCallCounter()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter == ServiceTelemetry.Meter && instrument.Name == Instrument)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, calls, _, _) => Interlocked.Add(ref _calls, calls));
        _listener.Start();
    }

    public long Calls => Interlocked.Read(ref _calls);

    public void Dispose() => _listener.Dispose();
}
