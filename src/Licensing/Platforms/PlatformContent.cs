namespace Licensing.Platforms;

/// <summary>The number of rows stored for a platform, by kind.</summary>
/// <param name="ApiKeys">API keys, revoked and expired ones included.</param>
/// <param name="Licenses">Licenses, inactive ones included.</param>
/// <param name="Users">Users.</param>
/// <param name="Assignments">Assignments, inactive ones included.</param>
/// <param name="Changes">Records of the assignments' history.</param>
public sealed record PlatformContent(long ApiKeys, long Licenses, long Users, long Assignments, long Changes);
