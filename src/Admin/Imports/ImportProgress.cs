using Admin.Output;

namespace Admin.Imports;

/// <summary>The results of an import so far. Safe for concurrent batches.</summary>
internal sealed class ImportProgress : IDisposable
{
    private readonly Lock _lock = new();

    /// <summary>Lets one batch retry at a time.</summary>
    public SemaphoreSlim Retries { get; } = new(1);

    /// <summary>Failed attempts since the last successful batch; only the holder of <see cref="Retries"/> increments it.</summary>
    public int FailuresInARow { get; set; }

    public int Added { get; private set; }

    public int Existed { get; private set; }

    public List<FaultJson> Faults { get; } = [];

    public void Count(IReadOnlyList<int> lines, IReadOnlyList<RowResult> results)
    {
        lock (_lock)
        {
            FailuresInARow = 0;
            Added += results.Count(result => result is RowResult.Added);
            Existed += results.Count(result => result is RowResult.Existed);
            foreach ((int line, RowResult result) in lines.Zip(results))
            {
                if (result is RowResult.Rejected rejected)
                {
                    Faults.Add(new FaultJson(line, rejected.Fault));
                }
            }
        }
    }

    public void Dispose() => Retries.Dispose();
}
