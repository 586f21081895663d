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
    /// <summary>Longer than for a request, because a command reads whole tables; three tries end within half a minute.</summary>
    private static readonly TimeSpan StorageTry = TimeSpan.FromSeconds(7);

    /// <summary>The stores; throws when a setting is wrong, see <see cref="Explain"/>.</summary>
    /// <param name="endpoint">Overrides the settings; the person who runs the command then signs in.</param>
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

    /// <summary>The account and the prefix of the tables; no secret.</summary>
    public static string StorageName(IServiceProvider services)
    {
        // Without the query, which may hold a shared access signature.
        Uri account = services.GetRequiredService<Tables>().Account;
        string prefix = services.GetRequiredService<IOptions<TablesOptions>>().Value.Prefix;
        return account.Authority + account.AbsolutePath.TrimEnd('/') + (prefix.Length == 0 ? "" : $", tables {prefix}…");
    }

    /// <summary>What to set, in one sentence, or null when the exception is not about settings.</summary>
    public static string? Explain(Exception exception) => exception switch
    {
        OptionsValidationException invalid => string.Join(" ", invalid.Failures),
        InvalidDataException or IOException or UnauthorizedAccessException => $"{LocalSettings.FileName} cannot be read: fix its JSON or its permissions, or remove it and set Tables__ConnectionString or Tables__Endpoint in the environment.",
        // From the binder, for a value that is no URI; its message quotes the value.
        InvalidOperationException { InnerException: FormatException } =>
            "Tables__Endpoint is not a URL: copy the URL of the table service from the storage account.",
        _ => null,
    };
}
