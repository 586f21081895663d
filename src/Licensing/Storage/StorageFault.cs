using System.Net.Sockets;
using Azure;
using Azure.Data.Tables.Models;
using Azure.Identity;

namespace Licensing.Storage;

/// <summary>Distinguishes problems of the storage account from defects of this service.</summary>
public static class StorageFault
{
    /// <summary>
    /// Whether repeating the request later may succeed: storage throttles, fails, is unreachable, or denies access, which
    /// an operator can fix.
    /// </summary>
    public static bool IsTransient(Exception exception) => TroubleOf(exception) != StorageTrouble.None;

    internal static StorageTrouble TroubleOf(Exception exception) => exception switch
    {
        // The cause was classified where this was thrown.
        StorageUnavailableException => StorageTrouble.NoReply,
        // There is no identity, or no token for it.
        AuthenticationFailedException => StorageTrouble.Denied,
        RequestFailedException { Status: 401 or 403 } => StorageTrouble.Denied,
        RequestFailedException { Status: 404 } missing when missing.ErrorCode == TableErrorCode.TableNotFound => StorageTrouble.Denied,
        RequestFailedException { Status: 409 } deleting when deleting.ErrorCode == TableErrorCode.TableBeingDeleted => StorageTrouble.Denied,
        RequestFailedException { Status: 0 } or HttpRequestException or IOException or SocketException =>
            NeverConnected(exception) ? StorageTrouble.Unreachable : StorageTrouble.NoReply,
        RequestFailedException { Status: 408 or 429 or >= 500 } => StorageTrouble.NoReply,
        // Azure.Core throws this when every attempt of a call ended without a response.
        AggregateException { InnerExceptions: { Count: > 0 } inner } => WorstOf(inner),
        // The network timeout of an attempt surfaces as a cancellation that no caller requested.
        OperationCanceledException or TimeoutException => StorageTrouble.NoReply,
        _ => StorageTrouble.None,
    };

    /// <summary>A defect among several failures is a defect. Nothing reached storage only if all failures say so.</summary>
    private static StorageTrouble WorstOf(IEnumerable<Exception> exceptions)
    {
        StorageTrouble[] troubles = [.. exceptions.Select(TroubleOf).Distinct()];
        return troubles.Length == 1 ? troubles[0]
            : troubles.Contains(StorageTrouble.None) ? StorageTrouble.None
            : StorageTrouble.NoReply;
    }

    /// <summary>Whether no connection was established, so that nothing can have reached storage.</summary>
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

/// <summary>The kind of problem that a storage call met.</summary>
internal enum StorageTrouble
{
    /// <summary>No problem of the account: a conflict, or a defect of this service.</summary>
    None,

    /// <summary>Throttled, failed or timed out. The call may have been carried out nevertheless.</summary>
    NoReply,

    /// <summary>No connection was established, so nothing was carried out.</summary>
    Unreachable,

    /// <summary>Storage denies access or lacks the tables. Nothing was carried out; an operator must act.</summary>
    Denied,
}

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
