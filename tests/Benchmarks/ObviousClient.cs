using Azure;
using Azure.Data.Tables;
using Licensing.Licenses;
using Licensing.Storage;

namespace Benchmarks;

/// <summary>
/// A naive implementation: read the license, count its active assignments, and if there are fewer than seats,
/// insert. It reads all rows, and two concurrent callers can take the same seat. For comparison only.
/// </summary>
internal sealed class ObviousClient(World world)
{
    private readonly TableClient _assignments = BareClient.Client(world, delay: 0).GetTableClient($"{world.Prefix}Assignments");

    public long Rows { get; private set; }

    public long Calls { get; private set; }

    public async Task<bool> CreateAsync(long license, long user)
    {
        TableEntity row = await _assignments.GetEntityAsync<TableEntity>(World.BarePlatform, TableKey.License(license));
        (Calls, Rows) = (Calls + 1, Rows + 1);
        long used = 0;
        await foreach (Page<TableEntity> page in _assignments.QueryAsync<TableEntity>(
            TableClient.CreateQueryFilter($"PartitionKey eq {World.BarePlatform} and LicenseId eq {license} and Active eq true")).AsPages())
        {
            used += page.Values.Count;
            (Calls, Rows) = (Calls + 1, Rows + page.Values.Count);
        }

        if (used >= row.GetInt64(nameof(License.Seats)))
        {
            return false;
        }

        Calls++;
        await _assignments.AddEntityAsync(new TableEntity(World.BarePlatform, $"obvious-{license:D19}-{user:D19}")
        {
            ["LicenseId"] = license,
            ["UserId"] = user,
            ["Active"] = true,
        });
        return true;
    }

    /// <summary>Writes assignments as if they had been created long ago.</summary>
    public Task AddAsync(long license, int count) => Parallel.ForEachAsync(
        Enumerable.Range(1_000_000, count).Chunk(100),
        new ParallelOptions { MaxDegreeOfParallelism = 4 },
        async (users, cancellationToken) => await _assignments.SubmitTransactionAsync(
            users.Select(user => new TableTransactionAction(
                TableTransactionActionType.Add,
                new TableEntity(World.BarePlatform, $"obvious-{license:D19}-{user:D19}") { ["LicenseId"] = license, ["UserId"] = (long)user, ["Active"] = true })),
            cancellationToken));

    public async Task<int> CountAsync(long license) => await _assignments.QueryAsync<TableEntity>(
        TableClient.CreateQueryFilter($"PartitionKey eq {World.BarePlatform} and LicenseId eq {license} and Active eq true")).CountAsync();
}
