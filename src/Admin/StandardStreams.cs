using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Admin;

/// <summary>
/// Standard input, output and error as they may be: full, closed, or a pipe that nobody reads. What cannot be written
/// to standard output is an <see cref="OutputException"/>, which nobody takes for trouble with storage; standard error
/// is written as far as it goes.
/// </summary>
internal static class StandardStreams
{
    private const int Input = 0;
    private const int Output = 1;
    private const int Error = 2;

    public static bool HasInput { get; } = IsOpen(Input);

    /// <summary>Has the console write through them; to be called before anything is written.</summary>
    public static void Guard()
    {
        Console.SetOut(new StreamWriter(OpenOutput(), Console.OutputEncoding.WithoutPreamble()) { AutoFlush = true });
        Console.SetError(new StreamWriter(
            IsOpen(Error) ? new GuardedStream(Console.OpenStandardError(), _ => { }) : Stream.Null,
            Console.OutputEncoding.WithoutPreamble())
        { AutoFlush = true });
    }

    /// <summary>Standard output for bytes.</summary>
    public static Stream OpenOutput()
    {
        Stream output = IsOpen(Output) ? WithoutSilence() : Stream.Null;
        return new GuardedStream(output, Fail, IsOpen(Output) ? null : new IOException("it is closed"));
    }

    /// <summary>
    /// Reads what may never come, so that Ctrl-C need not wait for it.
    /// </summary>
    /// <exception cref="InterruptedException">It was interrupted; nothing was changed yet.</exception>
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

    /// <summary>The console's own stream takes a pipe that nobody reads for success.</summary>
    private static Stream WithoutSilence()
    {
        if (!OperatingSystem.IsWindows() && Console.IsOutputRedirected)
        {
            FileStream file = new(new SafeFileHandle(Output, ownsHandle: false), FileAccess.Write, bufferSize: 0);
            // In a file it would not move the place that this process shares with others.
            if (!file.CanSeek)
            {
                return file;
            }
        }

        return Console.OpenStandardOutput();
    }

    private static void Fail(Exception exception) => throw new OutputException(exception.GetBaseException().Message);

    /// <summary>
    /// Whether this process was given the stream. Where one was closed, the runtime's own files take its number; they
    /// are closed on exec, which nothing that was given can be.
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

    /// <param name="fault">What every write meets, or null.</param>
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
            // Written at once.
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}

/// <summary>Standard output can not be written; the message says why.</summary>
internal sealed class OutputException(string message) : Exception(message);

/// <summary>Ctrl-C came while input was waited for, before anything was changed.</summary>
internal sealed class InterruptedException : Exception;
