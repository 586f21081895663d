namespace Licensing.Storage;

/// <summary>How long read results are cached, so that every instance sees a change within a minute.</summary>
internal static class CacheLifetimes
{
    public static readonly TimeSpan Found = TimeSpan.FromSeconds(55);

    /// <summary>Key ids are random, so an unknown one will not be created later.</summary>
    public static readonly TimeSpan UnknownKey = TimeSpan.FromMinutes(1);

    /// <summary>Unknown users, licenses and platforms are read again each time, because they may just have been created.</summary>
    public static readonly TimeSpan Missing = TimeSpan.Zero;
}
