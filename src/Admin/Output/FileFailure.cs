namespace Admin.Output;

/// <summary>Recognizes the exceptions of a file that cannot be read or written.</summary>
internal static class FileFailure
{
    /// <remarks>
    /// An <see cref="IOException"/> with an inner exception is a broken connection. The runtime reports EFBIG, a file that is
    /// larger than its file system allows, as an invalid argument called value.
    /// </remarks>
    public static bool Is(Exception exception) =>
        exception is IOException { InnerException: null } or UnauthorizedAccessException or ArgumentOutOfRangeException { ParamName: "value" };
}
