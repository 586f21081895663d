namespace Licensing.Storage;

/// <summary>Storage did not respond in time, or too many requests are waiting. The request itself may be valid and can be repeated.</summary>
public sealed class StorageUnavailableException : Exception
{
    /// <param name="message">Why, as a sentence for the log; no secret.</param>
    /// <param name="inner">What the storage client threw, or null when the service itself gave up.</param>
    internal StorageUnavailableException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
