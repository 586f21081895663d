using System.CommandLine;

namespace Admin.Arguments;

/// <summary><c>--json</c>, and <c>--csv</c> on commands that print lists.</summary>
internal sealed class OutputOptions
{
    private readonly Option<bool> _json = new("--json") { Description = "Print only JSON on standard output." };
    private CsvOption? _csv;

    private OutputOptions()
    {
    }

    public static OutputOptions AddTo(Command command)
    {
        OutputOptions output = new() { _csv = command.Options.OfType<CsvOption>().SingleOrDefault() };
        command.Add(output._json);
        if (output._csv is { } csv)
        {
            command.Validators.Add(result =>
            {
                if (result.GetResult(output._json) is not null && result.GetResult(csv) is not null)
                {
                    result.AddError("Pass --json or --csv, not both.");
                }
            });
        }

        return output;
    }

    public OutputFormat In(ParseResult arguments) =>
        arguments.GetValue(_json) ? OutputFormat.Json
        : _csv is not null && arguments.GetValue(_csv) ? OutputFormat.Csv
        : OutputFormat.Text;
}
