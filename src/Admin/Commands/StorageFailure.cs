using Azure;
using Azure.Identity;
using Licensing.Storage;

namespace Admin.Commands;

/// <summary>Explains a storage failure in one sentence that says what to do.</summary>
internal static class StorageFailure
{
    /// <summary>Returns the sentence, or null if the exception does not come from storage.</summary>
    public static string? Explain(Exception exception, Tables tables)
    {
        // Omit the exception's message and the full URL: both may contain a shared access signature.
        string account = tables.Account.Authority;
        return exception switch
        {
            AuthenticationFailedException =>
                $"No identity could sign in to {account}: sign in with 'az login', or set Tables__ConnectionString instead of Tables__Endpoint.",
            RequestFailedException { Status: 401 or 403 } refused =>
                $"Storage at {account} denied access ({Code(refused)}): check the account key, or give the identity the role Storage Table Data Contributor.",
            not RequestFailedException { ErrorCode: "TableNotFound" } when StorageFault.IsTransient(exception) =>
                $"Storage at {account} is unreachable or overloaded: check Tables__ConnectionString or Tables__Endpoint and the network, then run the command again.",
            RequestFailedException failed =>
                $"Storage at {account} returned {Code(failed)}: check that Tables__ConnectionString or Tables__Endpoint names a table service and that 'platform create' has created its tables.",
            _ => null,
        };
    }

    private static string Code(RequestFailedException exception) =>
        exception.ErrorCode is { } code ? $"{exception.Status} {code}" : $"{exception.Status}";
}
