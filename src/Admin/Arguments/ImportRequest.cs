namespace Admin.Arguments;

/// <param name="Path">The file, or - for standard input.</param>
internal sealed record ImportRequest(string Path, bool SkipInvalid, bool DryRun);
