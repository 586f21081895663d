using System.Net.Sockets;
using Azure;

namespace Assignments.Storage;

/// <summary>Tells trouble with the storage account from defects of our own.</summary>
public static class StorageFault
{
    /// <summary>Whether sending the request again later may help: throttled, timed out, unreachable, out of order.</summary>
    public static bool IsTransient(Exception exception) => exception switch
    {
        StorageUnavailableException => true,
        RequestFailedException { Status: 0 or 408 or 429 or >= 500 } => true,
        // Azure.Core throws this when all tries of a call failed to get an answer at all.
        AggregateException { InnerExceptions: { Count: > 0 } inner } => inner.All(IsTransient),
        // The network timeout of one try surfaces as a cancellation that nobody asked for.
        OperationCanceledException or IOException or HttpRequestException or TimeoutException => true,
        // HttpClient passes it on bare when a connection is closed in the moment it is made.
        SocketException => true,
        _ => false,
    };
}

/// <summary>Storage did not answer in time, or too many requests wait for it; nothing is known to be wrong with the request.</summary>
public sealed class StorageUnavailableException : Exception
{
    public StorageUnavailableException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
