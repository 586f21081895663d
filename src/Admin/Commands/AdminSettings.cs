using Admin.Arguments;
using Licensing;
using Licensing.Licenses;
using Licensing.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Admin.Commands;

/// <summary>The function app's settings, from the environment and from <c>local.settings.json</c>.</summary>
internal static class AdminSettings
{
    /// <summary>Longer than for a request, because commands read whole tables. Three attempts take less than half a minute.</summary>
    private static readonly TimeSpan StorageTry = TimeSpan.FromSeconds(7);

    /// <summary>Creates the services. Throws if a setting is invalid, see <see cref="Explain"/>.</summary>
    /// <param name="endpoint">Overrides the settings and selects the sign-in of the person who runs the command; may be null.</param>
    public static ServiceProvider Services(Uri? endpoint)
    {
        IConfigurationRoot configuration = new ConfigurationBuilder()
            .AddLocalSettings(Directory.GetCurrentDirectory())
            .AddEnvironmentVariables()
            .Build();
        if (endpoint is not null)
        {
            IConfigurationSection tables = configuration.GetSection(TablesOptions.Section);
            tables[nameof(TablesOptions.Endpoint)] = endpoint.OriginalString;
            tables[nameof(TablesOptions.ConnectionString)] = null;
        }

        ServiceProvider services = new ServiceCollection()
            .AddSingleton<IConfiguration>(configuration)
            .AddSingleton(new Administrator(AdminRequests.By))
            .AddLicensing(StorageTry)
            .BuildServiceProvider();
        services.GetRequiredService<Tables>();
        return services;
    }

    /// <summary>Returns the storage account and the table prefix, without secrets.</summary>
    public static string StorageName(IServiceProvider services)
    {
        // Omit the query, which may contain a shared access signature.
        Uri account = services.GetRequiredService<Tables>().Account;
        string prefix = services.GetRequiredService<IOptions<TablesOptions>>().Value.Prefix;
        return account.Authority + account.AbsolutePath.TrimEnd('/') + (prefix.Length == 0 ? "" : $", tables {prefix}…");
    }

    /// <summary>Returns one sentence that says what to set, or null if the exception is not about settings.</summary>
    public static string? Explain(Exception exception) => exception switch
    {
        OptionsValidationException invalid => string.Join(" ", invalid.Failures),
        InvalidDataException or IOException or UnauthorizedAccessException => $"{LocalSettings.FileName} cannot be read: fix its JSON or its permissions, or remove it and set Tables__ConnectionString or Tables__Endpoint in the environment.",
        // Thrown by the configuration binder for an invalid URI. Its message contains the value.
        InvalidOperationException { InnerException: FormatException } =>
            "Tables__Endpoint is not a URL: copy the URL of the table service from the storage account.",
        _ => null,
    };
}
