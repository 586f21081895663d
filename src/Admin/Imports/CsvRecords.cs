namespace Admin.Imports;

/// <summary>
/// Takes text apart as RFC 4180 has it; a line ends with CRLF, LF or CR, and spaces and tabs around a cell are not its
/// own. CsvHelper is not used because it does not tell where an unclosed quote opens: rows are then lost in silence.
/// </summary>
internal sealed class CsvRecords
{
    private static readonly char[] Blanks = [' ', '\t'];
    private static readonly char[] EmptyCells = [' ', '\t', ',', '\r', '\n'];
    private static readonly char[] LineBreaks = ['\r', '\n'];

    private readonly string _text;
    private int _at;
    private int _line = 1;

    /// <summary>Where the first quote of the present record stands that has no match; 0 for nowhere.</summary>
    private int _lineOfBadQuote;

    private CsvRecords(string text) => _text = text;

    /// <summary>All records but those of nothing but commas, spaces and tabs.</summary>
    /// <exception cref="UnreadableFileException">A quote does not match, and it is not known where the next record begins.</exception>
    public static IEnumerable<CsvRecord> In(string text)
    {
        CsvRecords records = new(text);
        while (records._at < text.Length)
        {
            CsvRecord record = records.Next();
            if (record.Text.AsSpan().ContainsAnyExcept(EmptyCells))
            {
                yield return record;
            }
        }
    }

    private CsvRecord Next()
    {
        (int start, int line) = (_at, _line);
        _lineOfBadQuote = 0;
        List<string> cells = [ReadCell()];
        while (_at < _text.Length && _text[_at] == ',')
        {
            _at++;
            cells.Add(ReadCell());
        }

        string raw = _text[start.._at];
        if (_at < _text.Length)
        {
            SkipLineBreak();
        }

        if (_lineOfBadQuote > 0 && raw.TrimEnd(EmptyCells).AsSpan().ContainsAny(LineBreaks))
        {
            throw new UnreadableFileException(
                $"Line {_lineOfBadQuote} has a quote without its match, so where the next rows begin is unknown: close it, or write each quote inside a quoted cell twice.");
        }

        return new CsvRecord(line, cells, raw, QuotesMatch: _lineOfBadQuote == 0);
    }

    private string ReadCell()
    {
        int start = _at;
        while (_at < _text.Length && Blanks.Contains(_text[_at]))
        {
            _at++;
        }

        if (_at == _text.Length || _text[_at] != '"')
        {
            _at = start;
            string bare = ReadToEndOfCell();
            return Cell(bare, _line, isWellFormed: !bare.Contains('"', StringComparison.Ordinal)).Trim(Blanks);
        }

        int opens = _line;
        (string text, bool closed) = ReadQuoted();
        return Cell(text, opens, isWellFormed: closed && ReadToEndOfCell().Trim(Blanks).Length == 0);
    }

    private string Cell(string text, int line, bool isWellFormed)
    {
        if (!isWellFormed && _lineOfBadQuote == 0)
        {
            _lineOfBadQuote = line;
        }

        return text;
    }

    /// <summary>From the quote that opens past the one that closes, or to the end.</summary>
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
        int length = _text.AsSpan(_at).IndexOfAny(',', '\r', '\n');
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

/// <param name="Line">In which it begins, counted from 1.</param>
/// <param name="Text">As it stands in the file.</param>
/// <param name="QuotesMatch">When false it is of one line, and what its cells are is not certain.</param>
internal sealed record CsvRecord(int Line, IReadOnlyList<string> Cells, string Text, bool QuotesMatch);

/// <summary>A file that can not be imported; the message says what to do.</summary>
internal sealed class UnreadableFileException(string message) : Exception(message);
