using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Data.Tables;
using Azure.Identity;
using Microsoft.Extensions.Configuration;

namespace Licensing.Storage;

/// <summary>Makes the storage client; does no I/O and fetches no token.</summary>
internal static class TablesClient
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(2);

    /// <summary>So that a change of the account's address is noticed.</summary>
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(5);

    public static void Configure(TableClientOptions options, TablesAdvice advice)
    {
        options.RetryPolicy = new RetryReads();
        options.Retry.NetworkTimeout = Deadlines.StorageTry;
        options.AddPolicy(advice, HttpPipelinePosition.PerCall);
        options.AddPolicy(new StorageTelemetry(), HttpPipelinePosition.PerRetry);
        // Azure.Core's own transport keeps at most 50 connections, which a full instance outgrows.
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

    /// <summary>A managed identity in Azure; outside it, whoever is signed in with a developer's tool.</summary>
    private static TokenCredential Credential(string? clientId, IConfiguration configuration)
    {
        if (clientId is not null)
        {
            return new ManagedIdentityCredential(ManagedIdentityId.FromUserAssignedClientId(clientId));
        }

        // App Service and Functions set this where an identity can be asked.
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
