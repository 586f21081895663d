using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.Options;

namespace Licensing;

/// <summary>Reads the <c>Values</c> of <c>local.settings.json</c>, the settings file of the Azure Functions tools.</summary>
public static class LocalSettings
{
    /// <summary>The name of the file.</summary>
    public const string FileName = "local.settings.json";

    /// <summary>Adds the values with a lower priority than all existing sources. Adds nothing if the file does not exist.</summary>
    /// <param name="configuration">The configuration to add to.</param>
    /// <param name="folder">The folder that contains the file.</param>
    /// <exception cref="InvalidDataException">The file is not JSON.</exception>
    /// <exception cref="OptionsValidationException">The file is encrypted; the message says what to do.</exception>
    public static IConfigurationBuilder AddLocalSettings(this IConfigurationBuilder configuration, string folder)
    {
        IConfigurationRoot file = new ConfigurationBuilder().SetBasePath(folder).AddJsonFile(FileName, optional: true).Build();
        if (string.Equals(file["IsEncrypted"], bool.TrueString, StringComparison.OrdinalIgnoreCase))
        {
            throw new OptionsValidationException(
                FileName, typeof(LocalSettings), [$"{FileName} is encrypted: run `func settings decrypt` in its folder."]);
        }

        configuration.Sources.Insert(0, new MemoryConfigurationSource
        {
            InitialData = file.GetSection("Values").AsEnumerable(makePathsRelative: true)
                .Where(value => value.Value is not null)
                .Select(value => KeyValuePair.Create(value.Key.Replace("__", ConfigurationPath.KeyDelimiter, StringComparison.Ordinal), value.Value))
                .ToList(),
        });
        return configuration;
    }
}
