using System.CommandLine;

namespace Admin.Arguments;

/// <summary><c>--csv</c>.</summary>
internal sealed class CsvOption : Option<bool>
{
    public CsvOption()
        : base("--csv") => Description = "Print CSV on standard output, with the members of the JSON as columns; imports can read it.";
}
