using System.Diagnostics;
using System.Globalization;
using Xunit;

namespace Licensing.Tests.Schedules;

/// <summary>
/// The code that assigns seats, under random orders of events. <c>SCHEDULES</c> sets the number of schedules,
/// <c>SCHEDULES_SEED</c> the first seed; a failing seed is printed and repeats exactly.
/// </summary>
public sealed class SchedulesTests(ITestOutputHelper output)
{
    private const int Few = 1_000;

    [Fact]
    public void No_order_of_events_oversells_or_loses_a_seat_or_gives_a_false_response()
    {
        int first = Read("SCHEDULES_SEED") ?? Random.Shared.Next(1_000_000_000);
        int count = Read("SCHEDULES") ?? Few;
        long began = Stopwatch.GetTimestamp();
        long steps = 0;
        long onAllotments = 0;
        Parallel.For(first, first + count, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, seed =>
        {
            try
            {
                (int taken, int counted) = Schedule.Run(seed);
                Interlocked.Add(ref steps, taken);
                Interlocked.Add(ref onAllotments, counted);
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"Seed {seed} fails; SCHEDULES_SEED={seed} SCHEDULES=1 repeats it. {exception.Message}", exception);
            }
        });
        double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"Seeds {first} to {first + count - 1}: {count / seconds:F0} schedules a second, each of {steps / count} steps and {onAllotments / (double)count:F1} changes counted on allotments."));
        Assert.True(onAllotments > 0);
    }

    [Fact]
    public void A_seed_reproduces_its_schedule() => Assert.Equal(Schedule.Run(42), Schedule.Run(42));

    private static int? Read(string name) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out int value) ? value : null;
}
