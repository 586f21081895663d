namespace Functions.PublicCheck;

/// <summary>Limits for callers without a valid API key: section <c>PublicCheck</c> (environment: <c>PublicCheck__RequestsPerMinute</c>).</summary>
public sealed class PublicCheckOptions
{
    /// <summary>The configuration section of these options.</summary>
    public const string Section = "PublicCheck";

    /// <summary>
    /// Maximum checks without a valid API key per client address and minute, and maximum unknown API keys, on each
    /// instance. 0 turns the limits off.
    /// </summary>
    public int RequestsPerMinute { get; set; } = 60;

    /// <summary>
    /// The header in which a proxy in front of this app passes the client's address (Azure Front Door:
    /// <c>X-Azure-ClientIP</c>); null to use the address of the connection. Do not name a header that clients can set.
    /// </summary>
    public string? ClientAddressHeader { get; set; }
}
