namespace Admin.Output;

/// <summary>Which exceptions say that a file cannot be written, and not that the command is wrong.</summary>
internal static class FileFailure
{
    /// <remarks>
    /// An exception of input and output with a cause inside is a broken connection. The runtime turns EFBIG, a file larger
    /// than its file system or its process allows, into an exception about an argument called value.
    /// </remarks>
    public static bool Is(Exception exception) =>
        exception is IOException { InnerException: null } or UnauthorizedAccessException or ArgumentOutOfRangeException { ParamName: "value" };
}
