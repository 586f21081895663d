namespace Licensing.Assignments;

/// <summary>A version of a row that counts seats of a license.</summary>
/// <param name="Allotment">The allotment's name, or null for the license row.</param>
/// <param name="Version">The version of the row after the change.</param>
public sealed record CounterVersion(string? Allotment, long Version);
