namespace Admin.Arguments;

internal delegate bool InstantParser(string text, out DateTimeOffset instant);
