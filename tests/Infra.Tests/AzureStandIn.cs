using System.Collections.Concurrent;
using System.IO.Compression;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Azure.Data.Tables;
using Azure.Data.Tables.Sas;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Forwarder;

namespace Infra.Tests;

/// <summary>
/// Stands in for Azure, over HTTPS on loopback: the endpoint for the identity's tokens, Azure Monitor, and a
/// table service in front of Azurite; both accept only this identity's tokens.
/// </summary>
internal sealed class AzureStandIn : IAsyncDisposable
{
    public const string ClientId = "11111111-2222-3333-4444-555555555555";
    private const string Token = "token-of-the-apps-identity";

    private readonly WebApplication _app;
    private readonly string _certificate = Path.GetTempFileName();
    private readonly ConcurrentQueue<JsonElement> _telemetry = [];
    private readonly HttpMessageInvoker _toAzurite = new(new SocketsHttpHandler { UseProxy = false });

    private AzureStandIn(TableServiceClient azurite)
    {
        X509Certificate2 certificate = CreateCertificate();
        File.WriteAllText(_certificate, certificate.ExportCertificatePem());
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddHttpForwarder();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, https => https.UseHttps(certificate)));
        _app = builder.Build();
        _app.MapGet("/identity", GiveToken);
        _app.MapPost("/monitor/v2.1/track", (Delegate)AcceptTelemetryAsync);
        string sas = azurite.GenerateSasUri(TableAccountSasPermissions.All, TableAccountSasResourceTypes.All, DateTimeOffset.UtcNow.AddHours(1)).Query;
        string account = azurite.Uri.GetLeftPart(UriPartial.Authority);
        SharedAccess access = new(account, sas);
        _app.MapFallback("{**path}", async (HttpContext context, IHttpForwarder azureTables) =>
        {
            if (IsAuthorized(context))
            {
                await azureTables.SendAsync(context, account, _toAzurite, ForwarderRequestConfig.Empty, access);
                return;
            }

            context.Response.StatusCode = StatusCodes.Status403Forbidden;
        });
    }

    /// <summary>The telemetry sent to Azure Monitor.</summary>
    public IReadOnlyCollection<JsonElement> Telemetry => _telemetry;

    private Uri Address => new(_app.Urls.Single());

    /// <summary>The variables that the platform sets besides the app settings, and those that make a process trust this certificate.</summary>
    public Dictionary<string, string?> Platform(string site) => new()
    {
        ["WEBSITE_SITE_NAME"] = site,
        ["IDENTITY_ENDPOINT"] = new Uri(Address, "identity").ToString(),
        ["IDENTITY_HEADER"] = "secret-of-the-endpoint",
        ["SSL_CERT_FILE"] = _certificate,
        // The addresses for the exporter's own telemetry cannot be configured, so it is disabled.
        ["APPLICATIONINSIGHTS_STATSBEAT_DISABLED"] = "true",
    };

    /// <summary>Evaluates expressions in the template like a deployment.</summary>
    public string? Resolve(string setting) => setting switch
    {
        "APPLICATIONINSIGHTS_CONNECTION_STRING" => $"InstrumentationKey=00000000-0000-0000-0000-000000000001;IngestionEndpoint={new Uri(Address, "monitor")}",
        "APPLICATIONINSIGHTS_AUTHENTICATION_STRING" => $"Authorization=AAD;ClientId={ClientId}",
        "AzureWebJobsStorage__blobServiceUri" => "https://sthost.blob.core.windows.net/",
        "AzureWebJobsStorage__clientId" or "Tables__ClientId" => ClientId,
        "Tables__Endpoint" => new Uri(Address, "devstoreaccount1").ToString(),
        _ => null,
    };

    public static async Task<AzureStandIn> StartAsync(string azurite)
    {
        AzureStandIn standIn = new(new TableServiceClient(azurite));
        await standIn._app.StartAsync();
        return standIn;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _toAzurite.Dispose();
        File.Delete(_certificate);
    }

    private static X509Certificate2 CreateCertificate()
    {
        using RSA key = RSA.Create(2048);
        CertificateRequest request = new("CN=127.0.0.1", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        SubjectAlternativeNameBuilder names = new();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    private static IResult GiveToken(HttpContext context) =>
        context.Request.Headers["X-IDENTITY-HEADER"] == "secret-of-the-endpoint" && context.Request.Query["client_id"] == ClientId
            ? Results.Json(new
            {
                access_token = Token,
                expires_on = DateTimeOffset.UtcNow.AddHours(8).ToUnixTimeSeconds().ToString(System.Globalization.CultureInfo.InvariantCulture),
                resource = context.Request.Query["resource"].ToString(),
                token_type = "Bearer",
                client_id = ClientId,
            })
            : Results.StatusCode(400);

    private async Task<IResult> AcceptTelemetryAsync(HttpContext context)
    {
        if (!IsAuthorized(context))
        {
            return Results.StatusCode(401);
        }

        await using Stream body = context.Request.Headers.ContentEncoding == "gzip"
            ? new GZipStream(context.Request.Body, CompressionMode.Decompress)
            : context.Request.Body;
        using StreamReader reader = new(body, Encoding.UTF8);
        int count = 0;
        while (await reader.ReadLineAsync() is { } line)
        {
            _telemetry.Enqueue(JsonDocument.Parse(line).RootElement);
            count++;
        }

        return Results.Json(new { itemsReceived = count, itemsAccepted = count, errors = Array.Empty<object>() });
    }

    private static bool IsAuthorized(HttpContext context) => context.Request.Headers.Authorization == $"Bearer {Token}";

    /// <summary>Azurite accepts tokens only over HTTPS with its own certificate, so requests get a SAS instead.</summary>
    private sealed class SharedAccess(string account, string sas) : HttpTransformer
    {
        public override async ValueTask TransformRequestAsync(
            HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
        {
            await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
            proxyRequest.Headers.Authorization = null;
            proxyRequest.Headers.Host = null;
            string query = httpContext.Request.QueryString.HasValue ? $"{httpContext.Request.QueryString}&{sas[1..]}" : sas;
            proxyRequest.RequestUri = new Uri($"{account}{httpContext.Request.Path}{query}");
        }
    }
}
