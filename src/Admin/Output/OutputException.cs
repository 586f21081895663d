namespace Admin.Output;

/// <summary>Standard output cannot be written; the message says why.</summary>
internal sealed class OutputException(string message) : Exception(message);
