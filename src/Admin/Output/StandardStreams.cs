using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Admin.Output;

/// <summary>
/// Standard input, output and error. Each may be closed, on a full disk, or a pipe without a reader. A failure to write
/// standard output is an <see cref="OutputException"/>, so that it is not mistaken for a storage failure. Failures to write
/// standard error are ignored.
/// </summary>
internal static class StandardStreams
{
    private const int Input = 0;
    private const int Output = 1;
    private const int Error = 2;

    public static bool HasInput { get; } = IsOpen(Input);

    /// <summary>Makes the console use these streams. Call it before anything is written.</summary>
    public static void Guard()
    {
        Console.SetOut(new StreamWriter(OpenOutput(), Console.OutputEncoding.WithoutPreamble()) { AutoFlush = true });
        Console.SetError(new StreamWriter(
            IsOpen(Error) ? new GuardedStream(Console.OpenStandardError(), _ => { }) : Stream.Null,
            Console.OutputEncoding.WithoutPreamble())
        { AutoFlush = true });
    }

    /// <summary>Opens standard output for bytes.</summary>
    public static Stream OpenOutput()
    {
        Stream output = IsOpen(Output) ? ReportingBrokenPipes() : Stream.Null;
        return new GuardedStream(output, Fail, IsOpen(Output) ? null : new IOException("it is closed"));
    }

    /// <summary>Reads input, but does not wait for it after Ctrl-C.</summary>
    /// <exception cref="InterruptedException">Ctrl-C was pressed; nothing was changed yet.</exception>
    public static async Task<T> ReadAsync<T>(Func<T> read, CancellationToken cancellationToken)
    {
        try
        {
            return await Task.Run(read, CancellationToken.None).WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw new InterruptedException();
        }
    }

    /// <summary>Opens a stream that, unlike the console's own one, throws for a pipe without a reader.</summary>
    private static Stream ReportingBrokenPipes()
    {
        if (!OperatingSystem.IsWindows() && Console.IsOutputRedirected)
        {
            FileStream file = new(new SafeFileHandle(Output, ownsHandle: false), FileAccess.Write, bufferSize: 0);
            // Not for a file: this stream would not move the file position, which other processes may share.
            if (!file.CanSeek)
            {
                return file;
            }
        }

        return Console.OpenStandardOutput();
    }

    private static void Fail(Exception exception) => throw new OutputException(exception.GetBaseException().Message);

    /// <summary>
    /// Whether the stream was open when this process started. If it was not, a file of the runtime may have its descriptor,
    /// but then it is close-on-exec, which an inherited one cannot be.
    /// </summary>
    private static bool IsOpen(int descriptor)
    {
        const int GetDescriptorFlags = 1;
        const int CloseOnExec = 1;
        return OperatingSystem.IsWindows()
            || (FileControl(descriptor, GetDescriptorFlags) is >= 0 and var flags && (flags & CloseOnExec) == 0);
    }

    [DllImport("libc", EntryPoint = "fcntl")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int FileControl(int descriptor, int command);

    private static System.Text.Encoding WithoutPreamble(this System.Text.Encoding encoding) =>
        encoding.Preamble.IsEmpty ? encoding : new System.Text.UTF8Encoding(encoderShouldEmitUTF8Identifier: false);

    /// <param name="fault">The exception that every write throws, or null.</param>
    private sealed class GuardedStream(Stream inner, Action<Exception> failed, Exception? fault = null) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            try
            {
                if (fault is not null)
                {
                    throw fault;
                }

                inner.Write(buffer);
                inner.Flush();
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                failed(exception);
            }
        }

        public override void Flush()
        {
            // Every write is flushed immediately.
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
