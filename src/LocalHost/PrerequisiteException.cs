namespace LocalHost;

/// <summary>Something outside this program must be fixed first. The message says what, in one line.</summary>
public sealed class PrerequisiteException(string message) : Exception(message);
