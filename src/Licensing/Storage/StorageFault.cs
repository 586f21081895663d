using System.Net.Sockets;
using Azure;
using Azure.Data.Tables.Models;
using Azure.Identity;

namespace Licensing.Storage;

/// <summary>Tells trouble with the storage account from defects of our own.</summary>
public static class StorageFault
{
    /// <summary>
    /// Whether sending the request again later may help: storage throttles, is out of reach or order, or does not let
    /// this service in, which an operator can change.
    /// </summary>
    public static bool IsTransient(Exception exception) => TroubleOf(exception) != StorageTrouble.None;

    internal static StorageTrouble TroubleOf(Exception exception) => exception switch
    {
        // What was to be said of these is said where they were met.
        StorageUnavailableException => StorageTrouble.NoReply,
        // No identity, or no token for it.
        AuthenticationFailedException => StorageTrouble.Denied,
        RequestFailedException { Status: 401 or 403 } => StorageTrouble.Denied,
        RequestFailedException { Status: 404 } missing when missing.ErrorCode == TableErrorCode.TableNotFound => StorageTrouble.Denied,
        RequestFailedException { Status: 409 } deleting when deleting.ErrorCode == TableErrorCode.TableBeingDeleted => StorageTrouble.Denied,
        RequestFailedException { Status: 0 } or HttpRequestException or IOException or SocketException =>
            NeverConnected(exception) ? StorageTrouble.Unreachable : StorageTrouble.NoReply,
        RequestFailedException { Status: 408 or 429 or >= 500 } => StorageTrouble.NoReply,
        // Azure.Core throws this when all tries of a call failed to get an answer at all.
        AggregateException { InnerExceptions: { Count: > 0 } inner } => WorstOf(inner),
        // The network timeout of one try surfaces as a cancellation that nobody asked for.
        OperationCanceledException or TimeoutException => StorageTrouble.NoReply,
        _ => StorageTrouble.None,
    };

    /// <summary>A defect among them is a defect; all must agree that nothing can have reached storage.</summary>
    private static StorageTrouble WorstOf(IEnumerable<Exception> exceptions)
    {
        StorageTrouble[] troubles = [.. exceptions.Select(TroubleOf).Distinct()];
        return troubles.Length == 1 ? troubles[0]
            : troubles.Contains(StorageTrouble.None) ? StorageTrouble.None
            : StorageTrouble.NoReply;
    }

    /// <summary>Whether no connection was made, so that nothing can have reached storage.</summary>
    private static bool NeverConnected(Exception? exception) => exception switch
    {
        null => false,
        HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError } => true,
        SocketException
        {
            SocketErrorCode: SocketError.ConnectionRefused or SocketError.HostNotFound or SocketError.TryAgain or SocketError.HostUnreachable
                or SocketError.NetworkUnreachable or SocketError.NotConnected
        } => true,
        _ => NeverConnected(exception.InnerException),
    };
}

/// <summary>What kind of trouble a call to storage met.</summary>
internal enum StorageTrouble
{
    /// <summary>None with the account: a conflict, or a defect of our own.</summary>
    None,

    /// <summary>Throttled, out of order or silent: what was sent may be done all the same.</summary>
    NoReply,

    /// <summary>No connection was made: nothing was done.</summary>
    Unreachable,

    /// <summary>Storage does not let this service in, or has no tables for it: nothing was done until an operator acts.</summary>
    Denied,
}

/// <summary>Storage did not answer in time, or too many requests wait for it; nothing is known to be wrong with the request.</summary>
public sealed class StorageUnavailableException : Exception
{
    /// <param name="message">Why, as a sentence for the log; no secret.</param>
    /// <param name="inner">What the storage client threw, or null when the service itself gave up.</param>
    public StorageUnavailableException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
