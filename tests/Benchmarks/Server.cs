using Azure.Core;
using Azure.Data.Tables;
using Licensing.ApiKeys;
using LocalHost;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using TestSupport;
using HttpResults = Microsoft.AspNetCore.Http.Results;

namespace Benchmarks;

/// <summary>
/// What <c>Benchmarks serve</c> does: LocalHost with its storage calls delayed and counted, and its own account of both
/// under <c>/measured</c>. A separate process, so that its CPU time can be measured.
/// </summary>
internal static class Server
{
    public const string Verb = "serve";
    public const string Measured = "/measured";

    public static async Task RunAsync(string[] args)
    {
        TimeSpan delay = TimeSpan.FromMilliseconds(int.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture));
        await using WebApplication app = Create(args[3..], new StorageCalls(delay) { CountRows = args[2] == "rows" });
        await app.StartAsync();
        Console.WriteLine("ready");
        await app.WaitForShutdownAsync();
    }

    /// <param name="memory">The tables, if they are in this process.</param>
    public static WebApplication Create(string[] args, StorageCalls calls, InMemoryTables? memory = null)
    {
        WebApplication app = LocalHostApplication.Create(args, services =>
        {
            services.AddOptions<TableClientOptions>().Configure(options =>
            {
                options.AddPolicy(calls, HttpPipelinePosition.PerRetry);
                memory?.Serve(options);
            });
            // Not counted: the background write of a key's last use, once an hour, belongs to no request.
            services.Remove(services.Single(service => service.ImplementationType == typeof(ApiKeyUseWriter)));
        });
        app.MapGet(Measured, () => HttpResults.Text(string.Create(
            System.Globalization.CultureInfo.InvariantCulture, $"{GC.GetTotalAllocatedBytes()} {calls.Seen.Calls} {calls.Seen.Rows}")));
        return app;
    }
}
