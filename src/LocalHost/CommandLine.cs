using Functions.PublicCheck;
using Licensing.Storage;

namespace LocalHost;

/// <summary>What may stand on LocalHost's command line. Configuration itself takes whatever it is given and reads what it knows.</summary>
internal static class CommandLine
{
    public const string Help = """
        LocalHost serves the license assignment API on this machine, with storage and a demo to try it.

        Usage: dotnet run --project src/LocalHost -- [--<name>=<value> ...]

          --urls=<address>       where it listens [default: http://127.0.0.1:7071]
          --Azurite=false        start no storage emulator
          --Demo=false           provision no demo; true provisions it in storage that is not on this machine
          --Data=<folder>        Azurite's data and the demo's API key [default: .data in the repository]
          --Tables:<name>=       ConnectionString, or Endpoint and ClientId; Prefix
          --PublicCheck:<name>=  RequestsPerMinute, 0 for no limit; ClientAddressHeader
          --Logging:LogLevel:Default=Information
                                 logs more; any other setting of Logging and Kestrel is taken too
          --contentRoot=<folder> where local.settings.json is [default: the current folder]
          --help                 prints this

        The same settings are read from the environment (Tables__Prefix) and from local.settings.json. README.md has more.
        """;

    private static readonly string[] HelpWords = ["--help", "-h", "-?", "/?", "/help"];

    private static readonly string[] Names =
    [
        "urls", "http_ports", "https_ports", "contentRoot", "environment", "AllowedHosts",
        .. typeof(LocalHostOptions).GetProperties().Select(property => property.Name),
        .. typeof(TablesOptions).GetProperties().Select(property => $"{TablesOptions.Section}:{property.Name}"),
        .. typeof(PublicCheckOptions).GetProperties().Select(property => $"{PublicCheckOptions.Section}:{property.Name}"),
    ];

    /// <summary>Sections whose settings are the platform's.</summary>
    private static readonly string[] Sections = ["Logging:", "Kestrel:"];

    public static bool AsksForHelp(string[] args) => args.Any(HelpWords.Contains);

    /// <exception cref="PrerequisiteException">Something there would be ignored.</exception>
    public static void Check(string[] args)
    {
        for (int i = 0; i < args.Length; i++)
        {
            int equals = args[i].IndexOf('=', StringComparison.Ordinal);
            string name = (equals < 0 ? args[i] : args[i][..equals]).TrimStart('-').TrimStart('/');
            if (!IsKnown(name))
            {
                throw new PrerequisiteException($"{args[i]} is no switch of LocalHost: --help lists those there are.");
            }

            if (equals < 0 && (++i == args.Length || args[i].StartsWith("--", StringComparison.Ordinal)))
            {
                throw new PrerequisiteException($"--{name} has no value: write --{name}=<value>, --help says which.");
            }
        }
    }

    private static bool IsKnown(string name) =>
        Names.Contains(name, StringComparer.OrdinalIgnoreCase)
        || Sections.Any(section => name.StartsWith(section, StringComparison.OrdinalIgnoreCase));
}
