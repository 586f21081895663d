namespace Benchmarks;

/// <summary>The next assignment of each caller; each pair of license and user occurs once.</summary>
internal abstract class Pairs
{
    /// <summary>Returns false if all are used.</summary>
    public abstract bool TryNext(int caller, out long license, out long user);

    /// <summary>Each caller uses four licenses of its own in turn, so that callers do not compete.</summary>
    public static Pairs Spread(long firstLicense, int users) => new SpreadPairs(firstLicense, users);

    /// <summary>All callers use one license.</summary>
    public static Pairs OneLicense(long license, int users) => new OneLicensePairs(license, users);

    private sealed class SpreadPairs(long firstLicense, int users) : Pairs
    {
        private readonly int[] _next = new int[Callers.Most];

        public override bool TryNext(int caller, out long license, out long user)
        {
            int next = _next[caller]++;
            (license, user) = (firstLicense + (caller * Callers.LicensesEach) + (next % Callers.LicensesEach), 1 + (next / Callers.LicensesEach));
            return user <= users;
        }
    }

    private sealed class OneLicensePairs(long license, int users) : Pairs
    {
        private int _next;

        public override bool TryNext(int caller, out long itsLicense, out long user)
        {
            (itsLicense, user) = (license, Interlocked.Increment(ref _next));
            return user <= users;
        }
    }
}

internal static class Callers
{
    public const int Most = 64;
    public const int LicensesEach = 4;
}
