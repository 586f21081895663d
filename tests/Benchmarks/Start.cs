using System.Diagnostics;
using Licensing.Storage;

namespace Benchmarks;

/// <summary>From process start to the first 200. The API's first 200 is a check of an assigned address, so it includes storage calls.</summary>
internal static class Start
{
    public const string EmptyApp = "empty Kestrel app";

    public static async Task RunAsync(Suite suite, Publication publication)
    {
        await using World world = await suite.NewWorldAsync(users: 1);
        await world.AddEmailsAsync(1);
        int license = await world.AddLicensesAsync(1);
        await world.AddAssignmentsAsync(World.Platform, [(license, 1L)]);
        byte[] check = HttpCaller.Request("GET", $"/api/catalog/licenses/user/assignment/check/?email={World.EmailOf(1)}");
        string[] settings = ServerProcess.Settings(world.ConnectionString, world.Prefix);
        await CompareAsync(EmptyApp, [], HttpCaller.Request("GET", "/"));
        // The baseline reads a license row by its key; this app queries a range of one.
        string[] reads =
        [
            $"{world.Prefix}Directory|{World.EmailAddressOf(1).DirectoryKey}|a|z",
            $"{world.Prefix}Assignments|{World.Platform}|{TableKey.AssignmentsOf(1)}|{TableKey.After(TableKey.AssignmentsOf(1))}",
            $"{world.Prefix}Assignments|{World.Platform}|{TableKey.License(license)}|{TableKey.License(license + 1)}",
        ];
        await CompareAsync(
            "empty Kestrel app that makes the same reads",
            [$"--Tables:ConnectionString={world.ConnectionString}"],
            HttpCaller.Request("GET", $"/reads?{string.Join('&', reads.Select(read => $"read={Uri.EscapeDataString(read)}"))}"));

        async Task CompareAsync(string with, string[] args, byte[] request)
        {
            List<double> serviceCpu = [], emptyCpu = [];
            Compared elapsed = await Rounds.InterleaveAsync(
                suite.Quick ? 5 : 13,
                () => FirstAsync(() => ServerProcess.StartAsync(publication.LocalHost, settings), check, 200, serviceCpu),
                () => FirstAsync(() => ServerProcess.StartAsync(publication.EmptyApp, args), request, 200, emptyCpu));
            StartFigure figure = new(with, elapsed, Compared.FromSamples(serviceCpu, emptyCpu));
            suite.Results.Start.Add(figure);
            Console.WriteLine($"  LocalHost / {with}: {elapsed.A} / {elapsed.B} ms = {elapsed.Ratio}; CPU {figure.CpuMilliseconds.A} / {figure.CpuMilliseconds.B} ms = {figure.CpuMilliseconds.Ratio}");
        }
    }

    /// <summary>The time from process start to the first response; records the CPU time of the process until then, in milliseconds.</summary>
    public static async Task<double> FirstAsync(Func<Task<ServerProcess>> startAsync, byte[] request, int status, List<double> cpu)
    {
        long start = Stopwatch.GetTimestamp();
        await using ServerProcess process = await startAsync();
        using HttpCaller caller = new(process.Port);
        await caller.ConnectAsync();
        await caller.SendAsync(request, status);
        double milliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        cpu.Add(process.Cpu.TotalMilliseconds);
        return milliseconds;
    }
}
