namespace Admin.Arguments;

/// <summary>A value that was passed; null when the word none was.</summary>
internal sealed record OrNone<T>(T? Value);
