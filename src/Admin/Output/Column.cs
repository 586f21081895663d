using Spectre.Console.Rendering;

namespace Admin.Output;

/// <summary>A column of a list.</summary>
/// <param name="Title">The heading in text.</param>
/// <param name="Cell">A row's cell in text.</param>
/// <param name="Wraps">Whether its cells may have any length, as names do.</param>
internal sealed record Column<T>(string Title, Func<T, IRenderable> Cell, bool IsNumber = false, bool Wraps = false);
