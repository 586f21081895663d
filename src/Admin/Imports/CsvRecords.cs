namespace Admin.Imports;

/// <summary>
/// Parses CSV as RFC 4180 defines it, with a comma, semicolon or tab between cells. Lines end with CRLF, LF or CR; spaces and tabs around a cell are ignored.
/// CsvHelper is not used because it does not report where an unclosed quote opens: rows would be lost silently.
/// </summary>
internal sealed class CsvRecords
{
    /// <summary>Characters to read at a time; a longer record takes several reads.</summary>
    private const int Block = 32 * 1024;

    private static readonly char[] LineBreaks = ['\r', '\n'];

    private readonly TextReader _rest;
    private readonly char _separator;
    private readonly char[] _blanks;
    private readonly char[] _emptyCells;

    /// <summary>The part of the file in memory; contains the whole current record.</summary>
    private string _text;

    private bool _isLast;
    private int _at;
    private int _line = 1;

    /// <summary>The line of the current record's first quote without a match, or 0.</summary>
    private int _lineOfBadQuote;

    private CsvRecords(string beginning, TextReader rest, char separator)
    {
        (_text, _rest, _separator) = (beginning, rest, separator);
        _blanks = separator == '\t' ? [' '] : [' ', '\t'];
        _emptyCells = [' ', '\t', separator, '\r', '\n'];
    }

    /// <summary>Returns all records except those of only separators, spaces and tabs.</summary>
    /// <param name="beginning">The first block of the file.</param>
    /// <param name="rest">The rest of the file.</param>
    /// <param name="separator">A comma, semicolon or tab.</param>
    /// <exception cref="UnreadableFileException">A quote has no match, so it is unknown where the next record begins.</exception>
    public static IEnumerable<CsvRecord> In(string beginning, TextReader rest, char separator)
    {
        CsvRecords records = new(beginning, rest, separator);
        while (records.Next() is { } record)
        {
            if (record.Text.AsSpan().ContainsAnyExcept(records._emptyCells))
            {
                yield return record;
            }
        }
    }

    public static string ReadBlock(TextReader text) => Read(text, Block);

    /// <summary>Null at the end.</summary>
    private CsvRecord? Next()
    {
        while (true)
        {
            (int start, int line) = (_at, _line);
            (List<string> cells, string raw) = ReadRecord();
            if (_at == _text.Length && !_isLast)
            {
                // The record may continue in the next block.
                string more = Read(_rest, Math.Max(Block, _text.Length - start));
                (_text, _at, _line, _isLast) = (_text[start..] + more, 0, line, more.Length == 0);
                continue;
            }

            return start == _text.Length ? null : Checked(new CsvRecord(line, cells, raw, QuotesMatch: _lineOfBadQuote == 0));
        }
    }

    private static string Read(TextReader text, int length)
    {
        char[] block = new char[length];
        return new string(block, 0, text.ReadBlock(block, 0, length));
    }

    private (List<string> Cells, string Raw) ReadRecord()
    {
        int start = _at;
        _lineOfBadQuote = 0;
        List<string> cells = [ReadCell()];
        while (_at < _text.Length && _text[_at] == _separator)
        {
            _at++;
            cells.Add(ReadCell());
        }

        string raw = _text[start.._at];
        if (_at < _text.Length)
        {
            SkipLineBreak();
        }

        return (cells, raw);
    }

    private CsvRecord Checked(CsvRecord record)
    {
        if (_lineOfBadQuote > 0 && record.Text.TrimEnd(_emptyCells).AsSpan().ContainsAny(LineBreaks))
        {
            throw new UnreadableFileException(
                $"Line {_lineOfBadQuote} has a quote without a match, so it is unknown where the next rows begin: close it, or double each quote inside a quoted cell.");
        }

        return record;
    }

    private string ReadCell()
    {
        int start = _at;
        while (_at < _text.Length && _blanks.Contains(_text[_at]))
        {
            _at++;
        }

        if (_at == _text.Length || _text[_at] != '"')
        {
            _at = start;
            string bare = ReadToEndOfCell();
            return Cell(bare, _line, isWellFormed: !bare.Contains('"', StringComparison.Ordinal)).Trim(_blanks);
        }

        int opens = _line;
        (string text, bool closed) = ReadQuoted();
        return Cell(text, opens, isWellFormed: closed && ReadToEndOfCell().Trim(_blanks).Length == 0);
    }

    private string Cell(string text, int line, bool isWellFormed)
    {
        if (!isWellFormed && _lineOfBadQuote == 0)
        {
            _lineOfBadQuote = line;
        }

        return text;
    }

    /// <summary>Reads from the opening quote up to and including the closing one, or to the end.</summary>
    private (string Text, bool Closed) ReadQuoted()
    {
        int start = ++_at;
        while (_at < _text.Length)
        {
            if (_text[_at] != '"')
            {
                Step();
            }
            else if (_at + 1 < _text.Length && _text[_at + 1] == '"')
            {
                _at += 2;
            }
            else
            {
                return (_text[start.._at++].Replace("\"\"", "\"", StringComparison.Ordinal), true);
            }
        }

        return (_text[start..], false);
    }

    private string ReadToEndOfCell()
    {
        int length = _text.AsSpan(_at).IndexOfAny(_separator, '\r', '\n');
        string cell = length < 0 ? _text[_at..] : _text.Substring(_at, length);
        _at += cell.Length;
        return cell;
    }

    private void Step()
    {
        if (LineBreaks.Contains(_text[_at]))
        {
            SkipLineBreak();
        }
        else
        {
            _at++;
        }
    }

    private void SkipLineBreak()
    {
        bool pair = _text[_at] == '\r' && _at + 1 < _text.Length && _text[_at + 1] == '\n';
        _at += pair ? 2 : 1;
        _line++;
    }
}
