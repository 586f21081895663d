using Licensing;
using Licensing.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Admin;

/// <summary>The function app's own settings, from where its host takes them.</summary>
internal static class Settings
{
    private const string LocalSettings = "local.settings.json";

    /// <summary>The stores; wrong settings throw here, see <see cref="WhatIsWrong"/>.</summary>
    /// <param name="endpoint">Goes before what the settings say; with it, whoever runs the command signs in.</param>
    public static ServiceProvider Services(Uri? endpoint)
    {
        IConfigurationRoot configuration = Read();
        if (endpoint is not null)
        {
            IConfigurationSection tables = configuration.GetSection(TablesOptions.Section);
            tables[nameof(TablesOptions.Endpoint)] = endpoint.OriginalString;
            tables[nameof(TablesOptions.ConnectionString)] = null;
        }

        ServiceProvider services = new ServiceCollection()
            .AddSingleton<IConfiguration>(configuration)
            .AddLicensing()
            .BuildServiceProvider();
        services.GetRequiredService<Tables>();
        return services;
    }

    /// <summary>The account and the tables' prefix; no secret.</summary>
    public static string StorageName(IServiceProvider services)
    {
        // Without the query, which may be a shared access signature.
        Uri account = services.GetRequiredService<Tables>().Account;
        string prefix = services.GetRequiredService<IOptions<TablesOptions>>().Value.Prefix;
        return account.Authority + account.AbsolutePath.TrimEnd('/') + (prefix.Length == 0 ? "" : $", tables {prefix}…");
    }

    /// <summary>One sentence on what to set, or null when the exception is not about settings.</summary>
    public static string? WhatIsWrong(Exception exception) => exception switch
    {
        OptionsValidationException invalid => string.Join(" ", invalid.Failures),
        InvalidDataException or IOException or UnauthorizedAccessException => $"{LocalSettings} can not be read: mend its JSON or its rights, or set Tables__ConnectionString or Tables__Endpoint in the environment and remove it.",
        // The binder's, for what is no URI at all; it quotes the value.
        InvalidOperationException { InnerException: FormatException } =>
            "Tables__Endpoint is not an address: copy the address of the table service from the storage account.",
        _ => null,
    };

    private static IConfigurationRoot Read()
    {
        IConfigurationRoot file = new ConfigurationBuilder()
            .SetBasePath(Directory.GetCurrentDirectory())
            .AddJsonFile(LocalSettings, optional: true)
            .Build();
        return new ConfigurationBuilder()
            .AddInMemoryCollection(file.GetSection("Values").GetChildren().Select(value =>
                KeyValuePair.Create(value.Key.Replace("__", ConfigurationPath.KeyDelimiter, StringComparison.Ordinal), value.Value)))
            .AddEnvironmentVariables()
            .Build();
    }
}
