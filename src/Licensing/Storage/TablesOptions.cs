namespace Licensing.Storage;

/// <summary>Where the tables are: section <c>Tables</c> (environment: <c>Tables__Endpoint</c> and so on).</summary>
public sealed class TablesOptions
{
    /// <summary>The configuration section of these options.</summary>
    public const string Section = "Tables";

    /// <summary>A storage connection string, for Azurite or an account that allows shared keys.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>The table endpoint of an account, <c>https://…table.core.windows.net</c>, accessed with an identity.</summary>
    public Uri? Endpoint { get; set; }

    /// <summary>The client id of the user-assigned managed identity to use, or null.</summary>
    public string? ClientId { get; set; }

    /// <summary>The prefix of every table name, or empty.</summary>
    public string Prefix { get; set; } = "";
}
