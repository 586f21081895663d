using Admin.Imports;
using Xunit;

namespace Admin.Unit.Tests;

/// <summary>How a file is parsed: its columns, its lines, and why some are invalid.</summary>
public sealed class CsvFileTests
{
    private static readonly CsvColumns Columns = new(["name", "email", "id"], [["name"], ["email", "id"]], values => values[1]?.Contains('@') == true);

    [Theory]
    [InlineData("name,email,id\nada,a@x,1\n")]
    [InlineData("name;email;id\nada;a@x;1\n")]
    [InlineData("name\temail\tid\nada\ta@x\t1\n")]
    [InlineData("\r\n\n\rname;email;id\rada;a@x;1")]
    [InlineData(" NAME , \"Email\" ,\tid\n ada , \"a@x\" ,\t1\n")]
    [InlineData(";;\n \t;\nname;email;id\nada;a@x;1\n")]
    [InlineData("id;comment, internal;name;email\n1;a,b,c;ada;a@x\n")]
    [InlineData("email,id,phone;mobile,name\na@x,1,1;2;3,ada\n")]
    public void Columns_are_found_by_name_in_any_order_with_any_separator(string text) =>
        Assert.Equal(["ada", "a@x", "1"], Assert.Single(Lines(text)).Values);

    [Theory]
    [InlineData("name\nada,a@x;1\n")]
    [InlineData("\"name\"\nada,a@x;1\n")]
    public void The_separator_defaults_to_a_comma(string text)
    {
        CsvLine line = Assert.Single(CsvFile.Parse(new StringReader(text), Columns with { Required = [["name"]] }));

        Assert.Equal("it has 2 cells and the first line names 1 column", line.Fault);
    }

    [Fact]
    public void Unknown_columns_are_ignored_and_missing_ones_are_empty()
    {
        CsvLine line = Assert.Single(Lines("note,name,id\n\uFFFD,ada,\n"));

        Assert.Equal(["ada", null, null], line.Values);
        Assert.Null(line.Fault);
    }

    [Fact]
    public void Several_columns_may_be_unnamed() => Assert.Equal("ada", Assert.Single(Lines(",name,,id\n,ada,,1\n")).Values[0]);

    [Fact]
    public void A_line_may_omit_its_last_columns()
    {
        CsvLine line = Assert.Single(Lines("name,email,id\nada,a@x\n"));

        Assert.Equal(["ada", "a@x", null], line.Values);
        Assert.Null(line.Fault);
    }

    [Theory]
    [InlineData("'=1+1", "=1+1")]
    [InlineData("''=1+1", "'=1+1")]
    [InlineData("'Ada", "'Ada")]
    [InlineData("'@ada", "@ada")]
    public void Cells_escaped_against_formulas_are_read_unescaped(string cell, string value) =>
        Assert.Equal(value, Assert.Single(Lines($"name,id\n{cell},1\n")).Values[0]);

    [Theory]
    [InlineData("", "The file is empty: its first line must name the columns.")]
    [InlineData("\n,,\n \t\n", "The file is empty: its first line must name the columns.")]
    [InlineData("\n\"name,id\n", "The quotes in line 2, which names the columns, do not match: close each of them.")]
    [InlineData("name,id,E-mail,ID \n", "Line 1 names the column ID twice: rename or remove one of them.")]
    [InlineData("name,note,Note\n", "Line 1 names the column Note twice: rename or remove one of them.")]
    [InlineData("name\n", "The first line must name a column email or id, and commas, semicolons or tabs must separate columns.")]
    [InlineData("email|name\n", "The first line must name a column name, and commas, semicolons or tabs must separate columns.")]
    public void An_invalid_header_is_rejected_with_what_to_do(string text, string sentence) =>
        Assert.Equal(sentence, Assert.Throws<UnreadableFileException>(() => Lines(text)).Message);

    [Fact]
    public void An_invalid_line_says_why_and_the_others_are_read()
    {
        CsvLine[] lines = Lines("name,id,note\nada,1,\nbo\"b,2,\n\"cid\" c,3,\ndan,4,\0\neve,5,6,7\nf\uFFFDy,8,\ngus,9,\uFFFD\n\"hal,10\n");

        Assert.Equal(
            [
                (2, null),
                (3, "the quotes do not match"),
                (4, "the quotes do not match"),
                (5, "it contains NUL characters"),
                (6, "it has 4 cells and the first line names 3 columns"),
                (7, "it contains U+FFFD, which stands for a character that was lost"),
                (8, null),
                (9, "the quotes do not match"),
            ],
            lines.Select(line => (line.Number, line.Fault)));
    }

    [Theory]
    [InlineData("\"\"\"Ada\"\"\n, the; first\"", "\"Ada\"\n, the; first")]
    [InlineData("\"a\"\"\"\"b\"", "a\"\"b")]
    [InlineData("\"\"\"\"", "\"")]
    [InlineData("\" \"", " ")]
    [InlineData("\"\"", null)]
    public void A_quoted_cell_may_contain_separators_line_breaks_and_doubled_quotes(string cell, string? value)
    {
        CsvLine line = Assert.Single(Lines($"name,id\n{cell},1\n"));

        Assert.Equal([value, "1"], [line.Values[0], line.Values[2]]);
        Assert.Null(line.Fault);
    }

    [Theory]
    [InlineData("name,email,note\nada,a@x,\"5 inch\nbob,b@x,6 inch\"\neve,e@x,\n", 2, 3)]
    [InlineData("name,email,note\nada,a@x,\"5 inch\n\nbob,b@x,6\r\ncid,c@x,\"\n", 2, 4)]
    [InlineData("name,email,note\nada,a@x,\rbob,b@x,\"5 inch\rcid , \"\"c@x\"\",\"\r", 3, 4)]
    [InlineData("name;email\nada;\"a@x\nbob;b@x\"\n", 2, 3)]
    [InlineData("name,email,note\r\nada,a@x,\"5 inch\r\n\r\nbob,b@x,6 inch\"\r\n", 2, 4)]
    public void A_quoted_cell_that_contains_a_row_is_rejected_with_both_line_numbers(string text, int line, int swallowed) =>
        Assert.Equal(
            $"Line {line} has a quoted cell that contains line {swallowed}, which looks like a row: close the quote at the end of line {swallowed - 1}, or remove the row from the cell.",
            Assert.Throws<UnreadableFileException>(() => Lines(text)).Message);

    [Theory]
    [InlineData("name,email,note\nada,a@x,\"write to\nb@x, not to me\"\n")]
    [InlineData("note,name,email\n\"a,bob,b@x\",ada,a@x\n")]
    public void A_quoted_cell_without_a_complete_row_is_accepted(string text) => Assert.Equal("ada", Assert.Single(Lines(text)).Values[0]);

    [Theory]
    [InlineData("name,id\nada,1\nbob,\"2\ncid,3\ndan,4\n", 3)]
    [InlineData("name,id\n\"ada,1\nbob,\"2\ncid,3\n", 2)]
    [InlineData("name,id\nada,\"1\nx\" y\nbob,2\n", 2)]
    [InlineData("name,id\na\"da,\"1\nx\"\nbob,2\n", 2)]
    public void An_unclosed_quote_that_spans_lines_is_rejected_and_its_line_named(string text, int line) =>
        Assert.Equal(
            $"Line {line} has a quote without a match, so it is unknown where the next rows begin: close it, or double each quote inside a quoted cell.",
            Assert.Throws<UnreadableFileException>(() => Lines(text)).Message);

    [Fact]
    public void Blank_lines_are_skipped_but_counted() =>
        Assert.Equal([3, 8, 10], Lines("\nname;id\nada;1\n\n;\n ;\t\n;;;;\nbob;2\r\n\r\n\"\";\n").Select(line => line.Number));

    [Fact]
    public void Cells_are_trimmed_except_inside_quotes()
    {
        Assert.Equal(["ada l", " bob ", null], Lines("name,id\n \tada l\t ,1\n \" bob \"\t,2\n\t ,3\n").Select(line => line.Values[0]));
        Assert.Equal(["ada", "\tbob", null, null], Lines("name\tid\n ada \t1\n \"\tbob\" \t2\n \t3\n\t\"4\"\n").Select(line => line.Values[0]));
    }

    [Theory]
    [InlineData("\n", 1)]
    [InlineData("\r\n", 1)]
    [InlineData("\r", 1)]
    [InlineData("\n", 40_000)]
    [InlineData("\r\n", 40_000)]
    public void A_row_is_read_the_same_at_any_position_in_a_long_file(string lineBreak, int length)
    {
        string[] rows = ["ada,\"a\"\"@\nx\",1", "bob,,\"\"", new string('c', length) + ",c@x,3", "dan,d@x,4"];
        const int Block = 32 * 1024;
        for (int shift = 0; shift < 60; shift++)
        {
            string filler = new('f', Block - shift);
            CsvLine[] lines = Lines(string.Join(lineBreak, ["name,email,id", filler, .. rows]));

            Assert.Equal(["ada", "a\"@\nx", "1"], lines[1].Values);
            Assert.Equal(["bob", null, null], lines[2].Values);
            Assert.Equal([rows[2][..length], "c@x", "3"], lines[3].Values);
            Assert.Equal(["dan", "d@x", "4"], lines[4].Values);
            Assert.Equal([2, 3, 5, 6, 7], lines.Select(line => line.Number));
        }
    }

    [Fact]
    public void Rows_are_streamed_while_the_file_is_read() =>
        Assert.Equal(5_000, CsvFile.Parse(new EndlessRows(), Columns).Take(5_000).Count(line => line.Values[0] == "ada"));

    private sealed class EndlessRows : TextReader
    {
        private const string Header = "name,id\n";
        private const string Row = "ada,1\n";

        private int _at;

        public override int Read() => _at++ is var at && at < Header.Length ? Header[at] : Row[(at - Header.Length) % Row.Length];
    }

    private static CsvLine[] Lines(string text) => [.. CsvFile.Parse(new StringReader(text), Columns)];
}
