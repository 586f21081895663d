using Functions.PublicCheck;
using Licensing.Storage;

namespace LocalHost;

/// <summary>Validates LocalHost's command line, because configuration itself silently ignores unknown switches.</summary>
internal static class CommandLine
{
    public const string Help = """
        LocalHost runs the license assignment API on this machine, with storage and a demo platform.

        Usage: dotnet run --project src/LocalHost -- [--<name>=<value> ...]

          --urls=<address>       address to listen on [default: http://127.0.0.1:7071]
          --Azurite=false        do not start the storage emulator
          --Demo=false           do not create the demo; true creates it in remote storage as well
          --Data=<folder>        folder for Azurite's data and the demo's API key [default: .data in the repository]
          --Tables:<name>=       ConnectionString, or Endpoint and ClientId; Prefix
          --PublicCheck:<name>=  RequestsPerMinute, 0 for no limit; ClientAddressHeader
          --Logging:LogLevel:Default=Information
                                 log more; other Logging and Kestrel settings work too
          --contentRoot=<folder> folder of local.settings.json [default: the current folder]
          --help                 show this help

        The same settings can be set in the environment (Tables__Prefix) and in local.settings.json. README.md explains them.
        """;

    private static readonly string[] HelpWords = ["--help", "-h", "-?", "/?", "/help"];

    private static readonly string[] Names =
    [
        "urls", "http_ports", "https_ports", "contentRoot", "environment", "AllowedHosts",
        .. typeof(LocalHostOptions).GetProperties().Select(property => property.Name),
        .. typeof(TablesOptions).GetProperties().Select(property => $"{TablesOptions.Section}:{property.Name}"),
        .. typeof(PublicCheckOptions).GetProperties().Select(property => $"{PublicCheckOptions.Section}:{property.Name}"),
    ];

    /// <summary>Sections of the platform, whose settings are not validated.</summary>
    private static readonly string[] Sections = ["Logging:", "Kestrel:"];

    public static bool AsksForHelp(string[] args) => args.Any(HelpWords.Contains);

    /// <exception cref="PrerequisiteException">A switch is unknown or has no value.</exception>
    public static void Check(string[] args)
    {
        for (int i = 0; i < args.Length; i++)
        {
            int equals = args[i].IndexOf('=', StringComparison.Ordinal);
            string name = (equals < 0 ? args[i] : args[i][..equals]).TrimStart('-').TrimStart('/');
            if (!IsKnown(name))
            {
                throw new PrerequisiteException($"{args[i]} is not a LocalHost option: see --help.");
            }

            if (equals < 0 && (++i == args.Length || args[i].StartsWith("--", StringComparison.Ordinal)))
            {
                throw new PrerequisiteException($"--{name} needs a value: pass --{name}=<value>, see --help.");
            }
        }
    }

    private static bool IsKnown(string name) =>
        Names.Contains(name, StringComparer.OrdinalIgnoreCase)
        || Sections.Any(section => name.StartsWith(section, StringComparison.OrdinalIgnoreCase));
}
