using Functions.PublicCheck;
using Xunit;

namespace Functions.Unit.Tests;

/// <summary>Measured while no other test allocates.</summary>
[Collection(Name)]
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ClientCostTests
{
    private const string Name = "alone in the process";

    /// <summary>docs/design.md states the number.</summary>
    [Fact]
    public void A_tracked_client_takes_at_most_70_bytes()
    {
        ClientMinutes minutes = new(TimeProvider.System);
        long before = MemoryAfterCollection();

        for (uint i = 0; i < ClientMinutes.MaxClients; i++)
        {
            minutes.Add(new ClientNetwork(i), 1);
        }

        double bytes = (MemoryAfterCollection() - before) / (double)ClientMinutes.MaxClients;
        GC.KeepAlive(minutes);
        Assert.InRange(bytes, 40, 70);
    }

    /// <summary>The process's memory after pending finalizers of other tests have run.</summary>
    private static long MemoryAfterCollection()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return GC.GetTotalMemory(forceFullCollection: true);
    }
}
