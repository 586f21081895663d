namespace LocalHost;

/// <summary>Something outside this program has to be set right first; the message says what, in one line.</summary>
public sealed class PrerequisiteException(string message) : Exception(message);
