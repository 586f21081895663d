using System.Text;
using Admin.Output;

namespace Admin.Imports;

/// <summary>Reads the text of a file: UTF-8, or UTF-16 with a byte order mark.</summary>
internal static class CsvText
{
    private const string StandardInput = "-";

    /// <summary>Bounds the memory that a wrong name, such as that of a device, would take.</summary>
    private const int MaxBytes = 256 * 1024 * 1024;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private static readonly UnicodeEncoding Utf16 = new(bigEndian: false, byteOrderMark: false, throwOnInvalidBytes: true);
    private static readonly UnicodeEncoding Utf16BigEndian = new(bigEndian: true, byteOrderMark: false, throwOnInvalidBytes: true);

    /// <param name="path">A file, or <c>-</c> for standard input.</param>
    /// <exception cref="UnreadableFileException">It cannot be read, or is not text.</exception>
    /// <exception cref="InterruptedException">Ctrl-C came first.</exception>
    public static async Task<string> ReadAsync(string path, CancellationToken cancellationToken)
    {
        if (path == StandardInput && !StandardStreams.HasInput)
        {
            throw new UnreadableFileException("Standard input is closed: pipe the file into it, or pass its name.");
        }

        try
        {
            return Decode(await StandardStreams.ReadAsync(() => Read(path, cancellationToken), cancellationToken));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new UnreadableFileException("The file cannot be read: check its name and permissions.");
        }
    }

    /// <exception cref="UnreadableFileException">They are not text.</exception>
    public static string Decode(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return bytes switch
            {
                [0xEF, 0xBB, 0xBF, .. var text] => Utf8.GetString(text),
                [0xFF, 0xFE, .. var text] => Utf16.GetString(text),
                [0xFE, 0xFF, .. var text] => Utf16BigEndian.GetString(text),
                _ => Utf8.GetString(bytes),
            };
        }
        catch (DecoderFallbackException)
        {
            throw new UnreadableFileException("The file is not UTF-8: save it as CSV in UTF-8.");
        }
    }

    private static byte[] Read(string path, CancellationToken cancellationToken)
    {
        using Stream stream = path == StandardInput ? Console.OpenStandardInput() : File.OpenRead(path);
        using MemoryStream all = new();
        byte[] buffer = new byte[64 * 1024];
        while (!cancellationToken.IsCancellationRequested && stream.Read(buffer) is > 0 and var count)
        {
            all.Write(buffer, 0, count);
            if (all.Length > MaxBytes)
            {
                throw new UnreadableFileException($"The file is larger than {MaxBytes / 1024 / 1024} MiB: check its name, or split it.");
            }
        }

        return all.ToArray();
    }
}
