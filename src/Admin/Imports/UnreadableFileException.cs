namespace Admin.Imports;

/// <summary>A file cannot be imported; the message says what to do.</summary>
internal sealed class UnreadableFileException(string message) : Exception(message);
