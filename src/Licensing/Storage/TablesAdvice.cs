using System.Collections.Concurrent;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;
using Microsoft.Extensions.Logging;

namespace Licensing.Storage;

/// <summary>
/// Logs what an operator must do before storage can be used, at most once a minute for each problem rather than for
/// every request.
/// </summary>
internal sealed partial class TablesAdvice(ILogger<TablesAdvice> logger, TimeProvider time) : HttpPipelinePolicy
{
    /// <summary>Responses longer than this are not searched for an error: the response of a failed transaction is short.</summary>
    private const int LongestError = 4_096;

    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, long> _said = new();

    public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        ProcessNext(message, pipeline);
        AdviseOn(message);
    }

    public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        try
        {
            await ProcessNextAsync(message, pipeline);
        }
        catch (AuthenticationFailedException)
        {
            StorageTelemetry.NotSent(message.Request);
            if (TryTakeTurn("identity"))
            {
                LogNoToken(Account(message));
            }

            throw;
        }

        AdviseOn(message);
    }

    private void AdviseOn(HttpMessage message)
    {
        Response response = message.Response;
        if (response.Status is 401 or 403)
        {
            if (TryTakeTurn("access"))
            {
                LogRefused(Account(message), response.Status);
            }
        }
        else if (IsTableMissing(message) && TryTakeTurn("tables"))
        {
            LogNoTables(Account(message));
        }
    }

    /// <summary>The error code is in the body; for a transaction, in the part of the action that failed.</summary>
    private static bool IsTableMissing(HttpMessage message)
    {
        Response response = message.Response;
        return (response.Status == 404 || message.Request.Uri.Path.EndsWith("$batch", StringComparison.Ordinal))
            && response.ContentStream is MemoryStream { Length: <= LongestError }
            && response.Content.ToMemory().Span.IndexOf("TableNotFound"u8) >= 0;
    }

    private bool TryTakeTurn(string what)
    {
        long now = time.GetTimestamp();
        return _said.TryGetValue(what, out long last)
            ? time.GetElapsedTime(last, now) >= Interval && _said.TryUpdate(what, now, last)
            : _said.TryAdd(what, now);
    }

    private static string Account(HttpMessage message) => message.Request.Uri.Host ?? "";

    [LoggerMessage(1, LogLevel.Error, "Cannot get a token for storage account {Account}: assign a managed identity to this app, and name it in Tables__ClientId if it is user-assigned.")]
    private partial void LogNoToken(string account);

    [LoggerMessage(2, LogLevel.Error, "Storage account {Account} denied access ({Status}): give this app's identity the role Storage Table Data Contributor, and check the account's key and network rules.")]
    private partial void LogRefused(string account, int status);

    [LoggerMessage(3, LogLevel.Error, "Storage account {Account} lacks tables that this service needs: run 'license-admin platform create' to create them.")]
    private partial void LogNoTables(string account);
}
