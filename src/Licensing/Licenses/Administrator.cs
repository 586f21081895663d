namespace Licensing.Licenses;

/// <summary>The person who changes licenses with this process, for the history.</summary>
/// <param name="Name">Starts with <c>admin</c>.</param>
public sealed record Administrator(string Name);
