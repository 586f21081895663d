namespace Licensing.Storage;

/// <summary>How long things may take, well under the 230 s after which Azure gives up on a request.</summary>
public static class Deadlines
{
    /// <summary>A whole request: past this the answer is 503.</summary>
    public static readonly TimeSpan Request = TimeSpan.FromSeconds(10);

    /// <summary>One try of one storage call.</summary>
    public static readonly TimeSpan StorageTry = TimeSpan.FromSeconds(3);

    /// <summary>What a 503 tells the client to wait.</summary>
    public static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(2);
}
