using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Azure.Data.Tables;
using Licensing.Storage;
using TestSupport;
using Xunit;

namespace Admin.Tests;

/// <summary>The command <c>bench</c>.</summary>
public sealed class BenchTests(AzuriteFixture azurite) : IDisposable
{
    private readonly Provisioning _there = new(azurite);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _there.Dispose();

    [Fact]
    public async Task Bench_measures_and_charts_creates_checks_and_deletes_and_cleans_up()
    {
        await _there.PlatformAsync("acme");
        await _there.UserAsync("ada", "ada@example.org");
        string[] before = await RowsAsync();
        string svg = _there.Write("bench.svg", "");

        AdminResult result = await _there.RunAsync("bench", "--seconds", "1", "--callers", "1,4", "--svg", svg, "--json");

        Assert.Equal(0, result.ExitCode);
        JsonArray rows = JsonNode.Parse(result.Output)!["measurements"]!.AsArray();
        Assert.Equal(
            ["create 1", "check 1", "delete 1", "create 4", "check 4", "delete 4"], rows.Select(row => $"{row!["operation"]} {row["callers"]}"));
        Assert.All(rows, row =>
        {
            Assert.True(row!["requests"]!.GetValue<int>() > 0);
            Assert.Equal(0, row["failed"]!.GetValue<int>());
            Assert.InRange(row["p50_ms"]!.GetValue<double>(), 0.01, row["p99_ms"]!.GetValue<double>());
            Assert.True(row["p99_ms"]!.GetValue<double>() <= row["p100_ms"]!.GetValue<double>());
            Assert.True(row["per_second"]!.GetValue<double>() > 0);
            // A single caller shares no transactions, and each create reads a user who is not cached.
            Assert.InRange(row["storage_calls_per_request"]!.GetValue<double>(), 1, row["callers"]!.GetValue<int>() == 1 ? 2.5 : 3);
        });
        XElement chart = XDocument.Load(svg).Root!;
        Assert.Equal(rows.Count, chart.Elements().Count(element => element.Value.EndsWith(" callers", StringComparison.Ordinal) || element.Value.EndsWith(" caller", StringComparison.Ordinal)));
        Assert.Equal(before, await RowsAsync());
    }

    [Fact]
    public async Task Bench_measures_a_running_API_over_HTTP_and_cleans_up()
    {
        await using LocalHostServer server = await _there.StartServerAsync();

        AdminResult result = await _there.RunAsync("bench", "--url", server.Client.BaseAddress!.AbsoluteUri, "--seconds", "1", "--callers", "2", "--csv");

        Assert.Equal(0, result.ExitCode);
        string[][] lines = [.. result.Output.TrimEnd().Split('\n').Select(line => line.Split(','))];
        Assert.Equal("operation,callers,requests,failed,seconds,per_second,p50_ms,p99_ms,p100_ms,storage_calls,storage_calls_per_request", string.Join(',', lines[0]));
        Assert.Equal(["create", "check", "delete"], lines[1..].Select(cells => cells[0]));
        // Only the API could count its calls.
        Assert.All(lines[1..], cells => Assert.Equal(("0", "", ""), (cells[3], cells[9], cells[10])));
        Assert.Empty(await RowsAsync());
    }

    [Fact]
    public async Task Bench_rejects_an_API_on_other_storage_and_cleans_up()
    {
        using Provisioning elsewhere = new(azurite);
        await elsewhere.PlatformAsync("acme");
        await using LocalHostServer server = await elsewhere.StartServerAsync();

        AdminResult result = await _there.RunAsync("bench", "--url", server.Client.BaseAddress!.AbsoluteUri, "--seconds", "1");

        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.EndsWith(
            $"The API at {server.Client.BaseAddress!.Authority} answered with a failure (HTTP 401): check --url, and that the API uses the storage named above.\n", result.Error, StringComparison.Ordinal);
        Assert.Empty(await RowsAsync());
    }

    [Fact]
    public async Task An_interrupted_benchmark_cleans_up()
    {
        using AdminProcess process = AdminProcess.Start(_there.Settings, "bench", "--seconds", "4", "--callers", "2");
        while (!await HasAssignmentsAsync())
        {
            await Task.Yield();
        }

        process.Interrupt();

        AdminResult result = await process.EndAsync();
        Assert.Equal((130, ""), (result.ExitCode, result.Output));
        Assert.EndsWith("Interrupted: nothing was changed.\n", result.Error, StringComparison.Ordinal);
        Assert.Empty(await RowsAsync());
    }

    [Fact]
    public async Task Bench_prints_a_table_and_a_chart()
    {
        AdminResult result = await _there.RunAsync("bench", "--seconds", "1", "--callers", "1");

        Assert.Equal(0, result.ExitCode);
        Assert.Matches(@"operation +callers +per second +p50 ms +p99 ms +p100 ms +requests +failed +storage calls each", result.Output);
        Assert.Matches(@"\ncreate, 1 caller +█", result.Output);
        Assert.StartsWith("Platform bench-", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("missing/bench.svg")]
    [InlineData(".")]
    [InlineData("/proc/bench.svg")]
    public async Task An_unwritable_chart_file_is_an_error_before_anything_is_created(string svg)
    {
        AdminResult result = await _there.RunAsync("bench", "--seconds", "600", "--svg", svg);

        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.Matches($@"\A{Regex.Escape(svg)} cannot be written \([^\n]+\): free disk space, or pass another file\.\n\z", result.Error);
        Assert.Empty(await TablesAsync());
    }

    [Theory]
    [InlineData("bench.svg")]
    [InlineData("missing/bench.svg")]
    public async Task A_failed_benchmark_does_not_touch_the_chart_file(string file)
    {
        string existing = _there.Write("chart.svg", "an earlier chart");
        string folder = Path.GetDirectoryName(existing)!;
        // Nothing listens on this port.
        string[] unreachable = ["bench", "--seconds", "1", "--url", $"http://127.0.0.1:{FreePort.Take()}"];

        Assert.NotEqual(0, (await _there.RunAsync([.. unreachable, "--svg", existing])).ExitCode);
        Assert.NotEqual(0, (await _there.RunAsync([.. unreachable, "--svg", Path.Combine(folder, file)])).ExitCode);

        Assert.Equal("an earlier chart", await File.ReadAllTextAsync(existing, Cancellation));
        Assert.Equal([existing], Directory.GetFileSystemEntries(folder));
    }

    [Theory]
    [InlineData("--callers", "0")]
    [InlineData("--callers", "1,")]
    [InlineData("--callers", "1001")]
    [InlineData("--seconds", "0")]
    [InlineData("--seconds", "601")]
    [InlineData("--url", "localhost")]
    public async Task Out_of_range_numbers_are_usage_errors(params string[] arguments)
    {
        AdminResult result = await _there.RunAsync(["bench", .. arguments]);

        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.StartsWith($"{arguments[0]} must be ", result.Error, StringComparison.Ordinal);
    }

    private async Task<bool> HasAssignmentsAsync()
    {
        try
        {
            return await _there.Get<Tables>().Assignments
                .QueryAsync<TableEntity>("RowKey ge 'assignment-' and RowKey lt 'assignment.'", maxPerPage: 1, ["RowKey"], Cancellation).AnyAsync(Cancellation);
        }
        catch (Azure.RequestFailedException exception) when (exception.Status == 404)
        {
            return false;
        }
    }

    private async Task<string[]> TablesAsync()
    {
        string prefix = _there.Settings["Tables__Prefix"];
        return await _there.Get<TableServiceClient>().QueryAsync(cancellationToken: Cancellation)
            .Select(table => table.Name).Where(name => name.StartsWith(prefix, StringComparison.Ordinal)).ToArrayAsync(Cancellation);
    }

    /// <summary>The keys of all rows; none if there are no tables.</summary>
    private async Task<string[]> RowsAsync()
    {
        Tables tables = _there.Get<Tables>();
        List<string> rows = [];
        foreach (TableClient table in new[] { tables.Assignments, tables.Directory, tables.ApiKeys, tables.Platforms })
        {
            try
            {
                await foreach (TableEntity row in table.QueryAsync<TableEntity>(select: ["PartitionKey", "RowKey"], cancellationToken: Cancellation))
                {
                    rows.Add($"{row.PartitionKey} {row.RowKey}");
                }
            }
            catch (Azure.RequestFailedException exception) when (exception.Status == 404)
            {
                // The command creates the tables.
            }
        }

        return [.. rows];
    }
}
