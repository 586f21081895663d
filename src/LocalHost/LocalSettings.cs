using Microsoft.Extensions.Configuration.Memory;

namespace LocalHost;

/// <summary>The <c>Values</c> of <c>local.settings.json</c>, the file the Functions tools read, below all other settings.</summary>
internal static class LocalSettings
{
    private const string FileName = "local.settings.json";

    public static void AddLocalSettings(this ConfigurationManager configuration, string folder)
    {
        IConfigurationRoot file = new ConfigurationBuilder().SetBasePath(folder).AddJsonFile(FileName, optional: true).Build();
        if (file.GetValue<bool>("IsEncrypted"))
        {
            throw new PrerequisiteException($"{FileName} is encrypted: run `func settings decrypt` in its folder.");
        }

        configuration.Sources.Insert(0, new MemoryConfigurationSource
        {
            InitialData = file.GetSection("Values").AsEnumerable(makePathsRelative: true)
                .Where(value => value.Value is not null)
                .Select(value => KeyValuePair.Create(value.Key.Replace("__", ":", StringComparison.Ordinal), value.Value))
                .ToList(),
        });
    }
}
