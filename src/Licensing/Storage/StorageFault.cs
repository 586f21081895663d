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
    public static bool IsTransient(Exception exception) => KindOf(exception) != StorageFaultKind.None;

    internal static StorageFaultKind KindOf(Exception exception) => exception switch
    {
        // The cause was classified where this was thrown.
        StorageUnavailableException => StorageFaultKind.NoReply,
        // There is no identity, or no token for it.
        AuthenticationFailedException => StorageFaultKind.Denied,
        RequestFailedException { Status: 401 or 403 } => StorageFaultKind.Denied,
        RequestFailedException { Status: 404 } missing when missing.ErrorCode == TableErrorCode.TableNotFound => StorageFaultKind.Denied,
        RequestFailedException { Status: 409 } deleting when deleting.ErrorCode == TableErrorCode.TableBeingDeleted => StorageFaultKind.Denied,
        RequestFailedException { Status: 0 } or HttpRequestException or IOException or SocketException =>
            NeverConnected(exception) ? StorageFaultKind.Unreachable : StorageFaultKind.NoReply,
        RequestFailedException { Status: 408 or 429 or >= 500 } => StorageFaultKind.NoReply,
        // Azure.Core throws this when every attempt of a call ended without a response.
        AggregateException { InnerExceptions: { Count: > 0 } inner } => WorstOf(inner),
        // The network timeout of an attempt surfaces as a cancellation that no caller requested.
        OperationCanceledException or TimeoutException => StorageFaultKind.NoReply,
        _ => StorageFaultKind.None,
    };

    /// <summary>A defect among several failures is a defect. Nothing reached storage only if all failures say so.</summary>
    private static StorageFaultKind WorstOf(IEnumerable<Exception> exceptions)
    {
        StorageFaultKind[] kinds = [.. exceptions.Select(KindOf).Distinct()];
        return kinds.Length == 1 ? kinds[0]
            : kinds.Contains(StorageFaultKind.None) ? StorageFaultKind.None
            : StorageFaultKind.NoReply;
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
