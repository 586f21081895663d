namespace Licensing.Storage;

/// <summary>How long what was read is served again: a change made elsewhere is seen by all within the minute.</summary>
internal static class CacheLifetimes
{
    public static readonly TimeSpan Found = TimeSpan.FromSeconds(55);

    /// <summary>Ids of keys are random: one that is unknown will not be made.</summary>
    public static readonly TimeSpan UnknownKey = TimeSpan.FromMinutes(1);

    /// <summary>Unknown users, licenses and platforms are looked up again each time: they may have just been made.</summary>
    public static readonly TimeSpan Missing = TimeSpan.Zero;
}
