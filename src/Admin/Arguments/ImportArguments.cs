using System.CommandLine;

namespace Admin.Arguments;

/// <summary>The arguments of all imports.</summary>
internal sealed class ImportArguments
{
    private readonly Argument<string> _file = new("file") { Description = "A CSV file in UTF-8 with column names in the first line; - for standard input.", CustomParser = ValueParser.Path! };
    private readonly Option<bool> _skipInvalid = new("--skip-invalid") { Description = "Skip invalid lines instead of rejecting the file." };
    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Check the file and report what would be done; write nothing." };

    private ImportArguments()
    {
    }

    public static ImportArguments AddTo(Command command)
    {
        ImportArguments import = new();
        command.Add(import._file);
        command.Add(import._skipInvalid);
        command.Add(import._dryRun);
        return import;
    }

    public bool Writes(ParseResult arguments) => !arguments.GetValue(_dryRun);

    public ImportRequest In(ParseResult arguments) =>
        new(arguments.GetRequiredValue(_file), arguments.GetValue(_skipInvalid), arguments.GetValue(_dryRun));
}
