using Azure.Identity;
using Azure.Monitor.OpenTelemetry.Exporter;
using Licensing.Storage;
using Microsoft.Azure.Functions.Worker.OpenTelemetry;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Functions.Telemetry;

/// <summary>Exports traces, metrics and logs to an OTLP collector, to Azure Monitor, to both or to neither, as configured.</summary>
internal static class TelemetryExport
{
    private const string OtlpEndpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string AzureMonitor = "APPLICATIONINSIGHTS_CONNECTION_STRING";

    /// <summary>The identity to export with, in the format of the Functions platform: <c>Authorization=AAD;ClientId=…</c>.</summary>
    private const string AzureMonitorIdentity = "APPLICATIONINSIGHTS_AUTHENTICATION_STRING";

    /// <summary>Adds nothing if neither exporter is configured.</summary>
    public static void AddTelemetryExport(this IServiceCollection services, IConfiguration configuration)
    {
        bool toCollector = !string.IsNullOrEmpty(configuration[OtlpEndpoint]);
        bool toAzure = !string.IsNullOrEmpty(configuration[AzureMonitor]);
        if (toCollector || toAzure)
        {
            services.AddExport(toCollector, toAzure, configuration);
        }
    }

    /// <summary>A separate method, so that OpenTelemetry is loaded only when it is used.</summary>
    private static void AddExport(this IServiceCollection services, bool toCollector, bool toAzure, IConfiguration configuration)
    {
        // Uses the host's resource, so that host and worker are one role, and the host's trace for each invocation.
        OpenTelemetryBuilder telemetry = services.AddOpenTelemetry();
        telemetry.UseFunctionsWorkerDefaults();
        if (toAzure)
        {
            telemetry.WithTracing(tracing => tracing.AddAzureMonitorTraceExporter(azure => Configure(azure, configuration)));
            telemetry.WithMetrics(metrics => metrics.AddAzureMonitorMetricExporter(azure => Configure(azure, configuration)));
            telemetry.WithLogging(logging => logging.AddAzureMonitorLogExporter(azure => Configure(azure, configuration)));
        }

        if (toCollector)
        {
            telemetry.WithTracing(tracing => tracing.AddOtlpExporter());
            telemetry.WithMetrics(metrics => metrics.AddOtlpExporter());
            telemetry.WithLogging(logging => logging.AddOtlpExporter());
        }

        services.Configure<OpenTelemetryLoggerOptions>(logging => logging.IncludeFormattedMessage = true);
        telemetry.WithMetrics(metrics => metrics.AddMeter(ServiceTelemetry.Name));
        // Keep every span. A parent-based sampler would drop what the web server did not trace.
        telemetry.WithTracing(tracing => tracing.AddSource(ServiceTelemetry.Name).SetSampler(new AlwaysOnSampler()));
    }

    private static void Configure(AzureMonitorExporterOptions azure, IConfiguration configuration)
    {
        // Export every log record, whether or not its trace was sampled.
        azure.EnableTraceBasedLogsSampler = false;
        azure.ConnectionString = configuration[AzureMonitor];
        azure.Credential = Credential(configuration[AzureMonitorIdentity]);
    }

    private static ManagedIdentityCredential? Credential(string? authentication)
    {
        if (authentication?.Contains("Authorization=AAD", StringComparison.OrdinalIgnoreCase) != true)
        {
            return null;
        }

        string? clientId = authentication.Split(';', StringSplitOptions.TrimEntries)
            .FirstOrDefault(part => part.StartsWith("ClientId=", StringComparison.OrdinalIgnoreCase))?["ClientId=".Length..];
        return new ManagedIdentityCredential(clientId is null ? ManagedIdentityId.SystemAssigned : ManagedIdentityId.FromUserAssignedClientId(clientId));
    }
}
