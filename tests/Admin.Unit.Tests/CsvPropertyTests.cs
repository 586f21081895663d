using System.Globalization;
using System.Text;
using Admin.Imports;
using CsCheck;
using CsvHelper;
using CsvHelper.Configuration;
using Xunit;

namespace Admin.Unit.Tests;

/// <summary>The CSV parser on files of another writer, and on random bytes.</summary>
public sealed class CsvPropertyTests
{
    private const int Columns = 3;

    private static readonly CsvColumns Any = new(["first", "second", "third"], [["first"]], _ => false);

    /// <summary>Characters with and without a meaning in CSV.</summary>
    private static readonly Gen<char> Character = Gen.Char["\",\r\n \t;'aé0"];

    private static readonly Gen<string> Text = Gen.String[Character, 0, 12];

    private static readonly Gen<string[][]> Table = Text.Array[Columns].Array[0, 20];

    [Fact]
    public void Rows_written_by_another_CSV_library_are_read_back_unchanged() =>
        Gen.Select(Table, Gen.OneOf("\r\n", "\n", "\r"), Gen.Bool).Sample((table, lineBreak, quoteAll) =>
        {
            List<CsvLine> lines = [.. CsvFile.Parse(new StringReader(Write(table, lineBreak, quoteAll)), Any)];

            // An empty row is skipped, unless it has quotes.
            string?[][] expected = [.. table.Where(row => quoteAll || row.Any(cell => cell.Length > 0)).Select(row => row.Select(cell => cell.Length == 0 ? null : cell).ToArray())];
            Assert.All(lines, line => Assert.Null(line.Fault));
            Assert.Equal(expected, lines.Select(line => line.Values));
        });

    [Fact]
    public void Lines_are_numbered_where_their_records_begin() =>
        Table.Sample(table =>
        {
            string text = Write(table, "\n", quoteAll: true);
            string[] physical = text.ReplaceLineEndings("\n").Split('\n');

            // All cells are written in quotes, so a line that begins a record begins with its first cell.
            Assert.All(
                CsvFile.Parse(new StringReader(text), Any).Zip(table),
                pair => Assert.StartsWith(
                    $"\"{pair.Second[0].Replace("\"", "\"\"", StringComparison.Ordinal)}".ReplaceLineEndings("\n").Split('\n')[0],
                    physical[pair.First.Number - 1],
                    StringComparison.Ordinal));
        });

    [Fact]
    public void Arbitrary_bytes_never_crash_the_reader() =>
        Gen.OneOf(
            Gen.Byte.Array[0, 200],
            Gen.Select(Gen.String[Character, 0, 200], Gen.OneOf(Encoding.UTF8, Encoding.Unicode, Encoding.BigEndianUnicode), (text, encoding) => encoding.GetPreamble().Concat(encoding.GetBytes(text)).ToArray()))
        .Sample(bytes => { _ = TryRead(bytes); });

    [Fact]
    public void Arbitrary_text_in_an_ignored_column_never_hides_a_row() =>
        Gen.String[Gen.Char["\" a,"], 0, 6].Array[1, 8].Sample(notes =>
        {
            string text = "first,second,third,note\n" + string.Concat(notes.Select((note, i) => $"{i + 1},x,y,{note}\n"));
            CsvColumns columns = Any with { IsRow = values => int.TryParse(values[0], CultureInfo.InvariantCulture, out _) };

            if (TryParse(text, columns) is { } lines)
            {
                Assert.Equal(notes.Select((_, i) => $"{i + 1}"), lines.Select(line => line.Values[0]));
            }
        });

    private static IReadOnlyList<CsvLine>? TryRead(byte[] bytes)
    {
        try
        {
            using CsvText text = new(new MemoryStream(bytes));
            return [.. CsvFile.Parse(text.Read(), Any)];
        }
        catch (UnreadableFileException)
        {
            return null;
        }
    }

    private static IReadOnlyList<CsvLine>? TryParse(string text, CsvColumns columns)
    {
        try
        {
            return [.. CsvFile.Parse(new StringReader(text), columns)];
        }
        catch (UnreadableFileException)
        {
            return null;
        }
    }

    private static string Write(string[][] rows, string lineBreak, bool quoteAll)
    {
        StringWriter text = new(CultureInfo.InvariantCulture);
        CsvConfiguration configuration = new(CultureInfo.InvariantCulture)
        {
            NewLine = lineBreak,
            // By default, the writer quotes only cells with spaces or its own line break.
            ShouldQuote = cell => quoteAll || cell.Field.AsSpan().ContainsAny('\t', '\r', '\n') || ConfigurationFunctions.ShouldQuote(cell),
        };
        using (CsvWriter csv = new(text, configuration))
        {
            foreach (string cell in Any.Names)
            {
                csv.WriteField(cell);
            }

            csv.NextRecord();
            foreach (string[] row in rows)
            {
                foreach (string cell in row)
                {
                    csv.WriteField(cell);
                }

                csv.NextRecord();
            }
        }

        return text.ToString();
    }
}
