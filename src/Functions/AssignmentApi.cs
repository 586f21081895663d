using Functions.PublicCheck;
using Functions.Telemetry;
using Licensing;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Functions;

/// <summary>Registers the services of the API. Hosts need nothing else.</summary>
public static class AssignmentApi
{
    /// <summary>Adds the services of the three functions, in the isolated worker and in LocalHost.</summary>
    public static IServiceCollection AddAssignmentApi(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddTelemetryExport(configuration);
        services.AddOptions<PublicCheckOptions>().BindConfiguration(PublicCheckOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<PublicCheckOptions>, PublicCheckOptionsValidator>();
        return services.AddLicensing().AddPrivateLogs().AddSingleton<PublicCheckLimit>().AddSingleton<UnknownKeyLimit>()
            .AddSingleton<ShutdownDeadline>().AddSingleton<RequestGuard>();
    }

    /// <summary>Adds what only the isolated worker needs: its middleware and its web server settings.</summary>
    internal static void UseAssignmentApi(this FunctionsApplicationBuilder builder)
    {
        builder.UseMiddleware<RequestTrace>();
        builder.Services.Configure<WorkerOptions>(worker => worker.InputConverters.RegisterAt<InvocationTokenConverter>(0));
        builder.Services.AddSingleton<IStartupFilter, UnansweredRequests>();
        builder.Services.Configure<KestrelServerOptions>(kestrel => kestrel.AddServerHeader = false);
        builder.Services.AddHostedService(services => services.GetRequiredService<ShutdownDeadline>());
        builder.Services.AddQuietWebServer();
    }
}
