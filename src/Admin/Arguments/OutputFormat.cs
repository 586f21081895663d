namespace Admin.Arguments;

/// <summary>How a command prints its result.</summary>
internal enum OutputFormat
{
    Text,
    Json,
    Csv,
}
