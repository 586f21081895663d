using System.Globalization;
using System.Text;
using CsvHelper;
using CsvHelper.Configuration;

namespace Admin.Imports;

/// <summary>A CSV file as RFC 4180 has it, in UTF-8 with or without a byte order mark, its columns named by its first line.</summary>
internal static class CsvFile
{
    private const string StandardInput = "-";

    /// <summary>All lines with data; wrong ones carry a fault.</summary>
    /// <param name="path">A file, or <c>-</c> for standard input.</param>
    /// <param name="columns">What may be read; others are ignored.</param>
    /// <param name="required">Columns that the header must name, one of each group.</param>
    /// <exception cref="UnreadableFileException">The file as a whole can not be used.</exception>
    public static IReadOnlyList<CsvLine> Read(string path, string[] columns, params string[][] required)
    {
        try
        {
            using Stream stream = path == StandardInput ? Console.OpenStandardInput() : File.OpenRead(path);
            return Read(stream, columns, required);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new UnreadableFileException("The file can not be read: check its name and rights.");
        }
        catch (DecoderFallbackException)
        {
            throw new UnreadableFileException("The file is not UTF-8: save it as CSV in UTF-8.");
        }
    }

    private static List<CsvLine> Read(Stream stream, string[] columns, string[][] required)
    {
        bool isBad = false;
        using StreamReader reader = new(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true));
        using CsvReader csv = new(reader, new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            PrepareHeaderForMatch = header => header.Header.Trim().ToUpperInvariant(),
            TrimOptions = TrimOptions.Trim,
            MissingFieldFound = null,
            BadDataFound = _ => isBad = true,
        });
        if (!csv.Read() || !csv.ReadHeader())
        {
            throw new UnreadableFileException("The file is empty: its first line must name its columns.");
        }

        int[] indexes = [.. columns.Select(column => csv.GetFieldIndex(column, isTryGet: true))];
        foreach (string[] group in required)
        {
            if (!group.Any(column => indexes[Array.IndexOf(columns, column)] >= 0))
            {
                throw new UnreadableFileException($"The first line must name a column {string.Join(" or ", group)}, and commas must separate columns.");
            }
        }

        List<CsvLine> lines = [];
        while (csv.Read())
        {
            string?[] values = [.. indexes.Select(index => index < 0 || csv.GetField(index) is not { Length: > 0 } value ? null : value)];
            lines.Add(new CsvLine(csv.Context.Parser!.RawRow, values, isBad));
            isBad = false;
        }

        return lines;
    }
}

/// <param name="Number">In the file, counted from 1.</param>
/// <param name="Values">By column as they were asked for; null where nothing stands.</param>
/// <param name="IsBad">Its quotes do not match.</param>
internal sealed record CsvLine(int Number, IReadOnlyList<string?> Values, bool IsBad);

/// <summary>A file that can not be imported; the message says what to do.</summary>
internal sealed class UnreadableFileException(string message) : Exception(message);
