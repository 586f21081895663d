using System.Diagnostics;
using Assignments;
using Azure;
using Azure.Data.Tables;

namespace Benchmarks;

/// <summary>
/// Creates on one license by 64 callers through HTTP, beside a plain loop with the storage client that commits the
/// same rows one assignment a transaction: what the license row's ETag allows without group commit.
/// </summary>
internal static class HotLicense
{
    private const int Callers = 64;
    private const int Rounds = 5;

    /// <summary>Assignments a second of both, a pair each round; interleaved, the order swapped each time.</summary>
    public static async Task<List<(double Api, double Bare)>> RunAsync(Bench bench, int assignments)
    {
        User[] users = await bench.AddUsersAsync(assignments);
        List<(double, double)> rounds = [];
        for (int round = -1; round < Rounds; round++)
        {
            License api = await bench.AddLicenseAsync();
            License bare = await bench.AddLicenseAsync();
            (double apiRate, double bareRate) = round % 2 == 0
                ? (await ApiAsync(bench, api, users), await BareAsync(bench, bare, users))
                : Swap(await BareAsync(bench, bare, users), await ApiAsync(bench, api, users));
            if (round >= 0)
            {
                rounds.Add((apiRate, bareRate));
            }
        }

        return rounds;

        static (double, double) Swap(double bare, double api) => (api, bare);
    }

    private static async Task<double> ApiAsync(Bench bench, License license, User[] users)
    {
        int next = 0;
        long start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(async _ =>
        {
            for (int i = Interlocked.Increment(ref next) - 1; i < users.Length; i = Interlocked.Increment(ref next) - 1)
            {
                await bench.PutAsync(license, users[i]);
            }
        }));
        return users.Length / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static async Task<double> BareAsync(Bench bench, License license, User[] users)
    {
        // A tenth of them is enough to know the rate of a loop.
        User[] some = users[..Math.Max(users.Length / 10, 20)];
        string licenseRow = $"license-{license.Id:D19}";
        TableEntity row = await bench.Bare.GetEntityAsync<TableEntity>(Bench.Platform, licenseRow);
        ETag etag = row.ETag;
        long used = 0;
        long start = Stopwatch.GetTimestamp();
        foreach (User user in some)
        {
            used++;
            long id = (license.Id * 1_000_000) + used;
            Response<IReadOnlyList<Response>> response = await bench.Bare.SubmitTransactionAsync(
            [
                new TableTransactionAction(
                    TableTransactionActionType.UpdateMerge,
                    new TableEntity(Bench.Platform, licenseRow) { ["SeatsUsed"] = used, ["Version"] = used + 1 },
                    etag),
                new TableTransactionAction(TableTransactionActionType.Add, new TableEntity(Bench.Platform, $"assignment-{user.Id:D19}-{license.Id:D19}")
                {
                    ["Id"] = id,
                    ["Version"] = 1L,
                    ["Active"] = true,
                }),
                new TableTransactionAction(TableTransactionActionType.Add, new TableEntity(Bench.Platform, $"id-{id:D19}")
                {
                    ["UserId"] = user.Id,
                    ["LicenseId"] = license.Id,
                    ["Version"] = 1L,
                    ["Active"] = true,
                }),
                new TableTransactionAction(TableTransactionActionType.Add, new TableEntity(Bench.Platform, $"history-{id:D19}-{1:D10}")
                {
                    ["UserId"] = user.Id,
                    ["LicenseId"] = license.Id,
                    ["At"] = DateTimeOffset.UnixEpoch,
                    ["By"] = "0123456789abcdef",
                    ["WriteId"] = Guid.NewGuid(),
                    ["LicenseVersion"] = used + 1,
                    ["AfterActive"] = true,
                }),
            ]);
            etag = response.Value[0].Headers.ETag!.Value;
        }

        return some.Length / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
