using Functions;
using Functions.Telemetry;
using Licensing;
using Licensing.Storage;
using Microsoft.AspNetCore.Hosting;

namespace LocalHost;

/// <summary>The function app on Kestrel, with storage and a demo as configured.</summary>
public static class LocalHostApplication
{
    private const string DefaultUrl = "http://127.0.0.1:7071";

    /// <summary>Reads settings once: watching their files would add a twentieth to the start-up time.</summary>
    private const string NoReload = "--hostBuilder:reloadConfigOnChange=false";

    /// <summary>Longer than the deadline of a request.</summary>
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(15);

    /// <summary>Builds the application without starting or connecting anything.</summary>
    /// <param name="args">Command line settings, see <see cref="LocalHostOptions"/>.</param>
    /// <param name="configure">Changes the services after all others are registered.</param>
    public static WebApplication Create(string[] args, Action<IServiceCollection>? configure = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder([NoReload, .. args]);
        builder.Configuration.AddLocalSettings(builder.Environment.ContentRootPath);
        builder.Configuration.AddDefaults();
        bool started = false;
        builder.Logging.AddConsoleOfWarnings(started: () => started);
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);

        IServiceCollection services = builder.Services;
        services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownTimeout);
        services.Configure<LocalHostOptions>(builder.Configuration);
        // Services are disposed in reverse order, so storage registered first outlives the writers.
        services.AddSingleton<LocalStorage>().AddHostedService(provider => provider.GetRequiredService<LocalStorage>());
        services.AddAssignmentApi(builder.Configuration);
        services.AddSingleton<Demo>().AddHostedService(provider => provider.GetRequiredService<Demo>());
        configure?.Invoke(services);

        WebApplication app = builder.Build();
        app.Lifetime.ApplicationStarted.Register(() => started = true);
        // The functions set these headers too; this covers responses of other endpoints.
        app.Use((context, next) =>
        {
            RequestTrace.Identify(context);
            RequestGuard.SetHeaders(context.Response);
            return next(context);
        });
        app.Use(new HostNames(app.Configuration["urls"]).InvokeAsync);
        app.MapFunctions<AssignmentFunctions>(HostJson.RoutePrefix());
        app.MapApiReference();
        return app;
    }

    private static void AddDefaults(this ConfigurationManager configuration)
    {
        if (configuration["urls"] is null && configuration["http_ports"] is null && configuration["https_ports"] is null)
        {
            configuration["urls"] = DefaultUrl;
        }

        IConfigurationSection tables = configuration.GetSection(TablesOptions.Section);
        if (string.IsNullOrWhiteSpace(tables[nameof(TablesOptions.ConnectionString)]) && string.IsNullOrWhiteSpace(tables[nameof(TablesOptions.Endpoint)]))
        {
            tables[nameof(TablesOptions.ConnectionString)] = Azurite.ConnectionStringOf(Azurite.DefaultPort);
        }
    }

    /// <summary>Logs warnings and errors to the console, one line each; Logging__LogLevel__Default can lower the level.</summary>
    private static void AddConsoleOfWarnings(this ILoggingBuilder logging, Func<bool> started)
    {
        logging.SetMinimumLevel(LogLevel.Warning);
        logging.AddSimpleConsole(console => console.SingleLine = true);
        // These two would log a start-up failure with its stack trace; StartFailure reports it in one line.
        foreach (string category in new[] { "Microsoft.Extensions.Hosting.Internal.Host", "Microsoft.AspNetCore.Server.Kestrel" })
        {
            logging.AddFilter(category, level => level == LogLevel.Warning || (level > LogLevel.Warning && started()));
        }
    }
}
