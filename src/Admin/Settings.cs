using Assignments;
using Assignments.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Admin;

/// <summary>The function app's own settings, from where its host takes them.</summary>
internal static class Settings
{
    private const string LocalSettings = "local.settings.json";

    /// <summary>The stores; wrong settings throw here, see <see cref="WhatIsWrong"/>.</summary>
    public static ServiceProvider Services()
    {
        ServiceProvider services = new ServiceCollection()
            .AddSingleton<IConfiguration>(Read())
            .AddAssignments()
            .BuildServiceProvider();
        services.GetRequiredService<Tables>();
        return services;
    }

    /// <summary>One sentence on what to set, or null when the exception is not about settings.</summary>
    public static string? WhatIsWrong(Exception exception) => exception switch
    {
        OptionsValidationException invalid => string.Join(" ", invalid.Failures),
        InvalidDataException => $"{LocalSettings} can not be read: mend its JSON, or set Tables__ConnectionString or Tables__Endpoint in the environment and remove it.",
        // The exception may quote the connection string, which holds the account's key.
        FormatException or ArgumentException or InvalidOperationException =>
            "Tables__ConnectionString or Tables__Endpoint is malformed: copy the connection string, or the address of the table service, from the storage account.",
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
