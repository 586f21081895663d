using System.Text;
using Admin.Output;

namespace Admin.Imports;

/// <summary>
/// The text of a file in UTF-8, or UTF-16 with a byte order mark. It can be read several times without being kept in
/// memory. A stream that cannot seek, such as a pipe, is copied to a temporary file first.
/// </summary>
internal sealed class CsvText : IDisposable
{
    private const string StandardInput = "-";

    /// <summary>Limits the effect of a wrong path, such as that of a device.</summary>
    private const int MaxBytes = 256 * 1024 * 1024;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private static readonly UnicodeEncoding Utf16 = new(bigEndian: false, byteOrderMark: false, throwOnInvalidBytes: true);
    private static readonly UnicodeEncoding Utf16BigEndian = new(bigEndian: true, byteOrderMark: false, throwOnInvalidBytes: true);

    private readonly Stream _bytes;

    /// <param name="bytes">A stream that can seek; disposed with this text.</param>
    public CsvText(Stream bytes) => _bytes = bytes;

    /// <param name="path">A file, or <c>-</c> for standard input.</param>
    /// <exception cref="UnreadableFileException">It cannot be read.</exception>
    /// <exception cref="InterruptedException">Ctrl-C came first.</exception>
    public static async Task<CsvText> OpenAsync(string path, CancellationToken cancellationToken)
    {
        if (path == StandardInput && !StandardStreams.HasInput)
        {
            throw new UnreadableFileException("Standard input is closed: pipe the file into it, or pass its name.");
        }

        try
        {
            return new CsvText(await StandardStreams.ReadAsync(() => Open(path, cancellationToken), cancellationToken));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Unreadable();
        }
    }

    /// <summary>Reads the text from the beginning. Only one reader can be in use.</summary>
    /// <remarks>The reader throws <see cref="UnreadableFileException"/> if the text is not valid.</remarks>
    /// <exception cref="UnreadableFileException">It cannot be read.</exception>
    public TextReader Read()
    {
        try
        {
            _bytes.Position = 0;
            byte[] first = new byte[3];
            int count = _bytes.ReadAtLeast(first, first.Length, throwOnEndOfStream: false);
            (Encoding encoding, int mark) = first.AsSpan(0, count) switch
            {
                [0xEF, 0xBB, 0xBF] => ((Encoding)Utf8, 3),
                [0xFF, 0xFE, ..] => (Utf16, 2),
                [0xFE, 0xFF, ..] => (Utf16BigEndian, 2),
                _ => (Utf8, 0),
            };
            _bytes.Position = mark;
            return new Reader(new StreamReader(_bytes, encoding, detectEncodingFromByteOrderMarks: false, leaveOpen: true));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Unreadable();
        }
    }

    public void Dispose() => _bytes.Dispose();

    private static UnreadableFileException Unreadable() => new("The file cannot be read: check its name and permissions.");

    private static UnreadableFileException TooLarge() => new($"The file is larger than {MaxBytes / 1024 / 1024} MiB: check its name, or split it.");

    private static Stream Open(string path, CancellationToken cancellationToken)
    {
        Stream stream = path == StandardInput ? Console.OpenStandardInput() : File.OpenRead(path);
        if (stream.CanSeek)
        {
            return stream;
        }

        using (stream)
        {
            return Copy(stream, cancellationToken);
        }
    }

    private static FileStream Copy(Stream stream, CancellationToken cancellationToken)
    {
        FileStream copy = Storing(OpenTemporary);
        byte[] buffer = new byte[64 * 1024];
        while (!cancellationToken.IsCancellationRequested && stream.Read(buffer) is > 0 and var count)
        {
            Storing(() =>
            {
                copy.Write(buffer, 0, count);
                copy.Flush();
                return count;
            });
            if (copy.Length > MaxBytes)
            {
                copy.Dispose();
                throw TooLarge();
            }
        }

        return copy;
    }

    private static T Storing<T>(Func<T> step)
    {
        try
        {
            return step();
        }
        catch (Exception exception) when (FileFailure.Is(exception))
        {
            throw new UnreadableFileException(
                $"The pipe cannot be copied to {Path.GetTempPath()} ({exception.Message}): free disk space there, or pass the name of a file.");
        }
    }

    /// <summary>Creates a file that no other user can open and that is deleted however this process ends, because it contains addresses.</summary>
    private static FileStream OpenTemporary()
    {
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        if (OperatingSystem.IsWindows())
        {
            return new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Options = FileOptions.DeleteOnClose });
        }

        FileStream file = new(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        File.Delete(path);
        return file;
    }

    private sealed class Reader(StreamReader text) : TextReader
    {
        private long _read;

        public override int Read(char[] buffer, int index, int count)
        {
            try
            {
                int read = text.Read(buffer, index, count);
                return (_read += read) <= MaxBytes ? read : throw TooLarge();
            }
            catch (DecoderFallbackException)
            {
                throw new UnreadableFileException("The file is not UTF-8: save it as CSV in UTF-8.");
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw Unreadable();
            }
        }
    }
}
