using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Data.Tables;
using Azure.Identity;
using Microsoft.Extensions.Configuration;

namespace Licensing.Storage;

/// <summary>Creates the storage client, without I/O and without requesting a token.</summary>
internal static class TablesClient
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(2);

    /// <summary>Limited, so that a change of the account's address is noticed.</summary>
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(5);

    public static void Configure(TableClientOptions options, TablesAdvice advice, TimeSpan storageTry)
    {
        options.RetryPolicy = new RetryReads();
        options.Retry.NetworkTimeout = storageTry;
        options.AddPolicy(advice, HttpPipelinePosition.PerCall);
        options.AddPolicy(new StorageTelemetry(), HttpPipelinePosition.PerRetry);
        // The default transport of Azure.Core allows 50 connections, too few for an instance under full load.
        options.Transport = new HttpClientTransport(new SocketsHttpHandler
        {
            ConnectTimeout = ConnectTimeout,
            PooledConnectionLifetime = ConnectionLifetime,
            UseCookies = false,
            Proxy = new StorageProxy(HttpClient.DefaultProxy),
        });
    }

    public static TableServiceClient Create(TablesOptions tables, TableClientOptions client, IConfiguration configuration) =>
        tables.Endpoint is { } endpoint
            ? new TableServiceClient(endpoint, Credential(tables.ClientId, configuration), client)
            : new TableServiceClient(tables.ConnectionString, client);

    /// <summary>A managed identity in Azure; elsewhere, the developer who is signed in to a tool.</summary>
    private static TokenCredential Credential(string? clientId, IConfiguration configuration)
    {
        if (clientId is not null)
        {
            return new ManagedIdentityCredential(ManagedIdentityId.FromUserAssignedClientId(clientId));
        }

        // App Service and Functions set this if the app has an identity.
        return configuration["IDENTITY_ENDPOINT"] is not null
            ? new ManagedIdentityCredential(ManagedIdentityId.SystemAssigned)
            : new ChainedTokenCredential(
                new AzureCliCredential(),
                new AzureDeveloperCliCredential(),
                new AzurePowerShellCredential(),
                new VisualStudioCredential(),
                new VisualStudioCodeCredential());
    }
}
