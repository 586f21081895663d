namespace Licensing.Storage;

/// <summary>Time limits, well below the 230 s after which Azure abandons a request.</summary>
public static class Deadlines
{
    /// <summary>For a whole request; after that the response is 503.</summary>
    public static readonly TimeSpan Request = TimeSpan.FromSeconds(10);

    /// <summary>For one attempt of a storage call.</summary>
    public static readonly TimeSpan StorageTry = TimeSpan.FromSeconds(3);
}
