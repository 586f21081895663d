namespace Admin.Arguments;

/// <summary>The value of an option; null if it is the word none.</summary>
internal sealed record OrNone<T>(T? Value);
