using System.Diagnostics;

namespace Benchmarks;

/// <summary>The median, minimum and maximum of several rounds.</summary>
internal sealed record Spread(double Median, double Least, double Most)
{
    public static Spread Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return new Spread(sorted[sorted.Length / 2], sorted[0], sorted[^1]);
    }

    public override string ToString() => $"{Text(Median)} ({Text(Least)} to {Text(Most)})";

    private static string Text(double value) => value.ToString(
        Math.Abs(value) switch { < 10 => "0.00", < 100 => "0.0", _ => "#,0" }, System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>The service (A) beside the limit (B): the ratio A / B of each round, so that noise affects both alike.</summary>
internal sealed record Compared(Spread A, Spread B, Spread Ratio)
{
    /// <param name="a">What was recorded during <see cref="Rounds.InterleaveAsync"/>, including the warm-up.</param>
    /// <param name="b">The same for the other side.</param>
    public static Compared FromSamples(List<double> a, List<double> b) =>
        new(Spread.Of(a.Skip(1)), Spread.Of(b.Skip(1)), Spread.Of(a.Zip(b, (one, other) => one / other).Skip(1)));
}

internal static class Rounds
{
    /// <summary>A warm-up round that does not count, then pairs in alternating order.</summary>
    public static async Task<Compared> InterleaveAsync(int rounds, Func<Task<double>> a, Func<Task<double>> b)
    {
        List<(double A, double B)> seen = [];
        for (int round = -1; round < rounds; round++)
        {
            double one, other;
            if (round % 2 == 0)
            {
                one = await a();
                other = await b();
            }
            else
            {
                other = await b();
                one = await a();
            }

            if (round >= 0)
            {
                seen.Add((one, other));
            }
        }

        return new Compared(
            Spread.Of(seen.Select(pair => pair.A)), Spread.Of(seen.Select(pair => pair.B)), Spread.Of(seen.Select(pair => pair.A / pair.B)));
    }

    /// <summary>The rate per second at which concurrent callers repeat something.</summary>
    /// <param name="once">Receives the caller; returns false if it has nothing left to do.</param>
    public static async Task<double> RateAsync(int callers, TimeSpan time, Func<int, Task<bool>> once)
    {
        int[] done = new int[callers];
        long start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(async () =>
        {
            while (Stopwatch.GetElapsedTime(start) < time && await once(caller))
            {
                done[caller]++;
            }
        })));
        return done.Sum() / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>Returns when an arrival is due. This is the pace of the load, not a wait for a condition.</summary>
    public static async Task UntilDueAsync(long began, TimeSpan due)
    {
        TimeSpan wait = due - Stopwatch.GetElapsedTime(began);
        if (wait > TimeSpan.Zero)
        {
            await Task.Delay(wait);
        }
    }

    /// <summary>Does something a number of times with concurrent callers.</summary>
    public static Task TimesAsync(int callers, int times, Func<int, Task<bool>> once)
    {
        int next = 0;
        return Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(async () =>
        {
            while (Interlocked.Increment(ref next) <= times && await once(caller))
            {
            }
        })));
    }
}
