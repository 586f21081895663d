using Spectre.Console.Rendering;

namespace Admin.Output;

/// <summary>A column of a list.</summary>
/// <param name="Title">The heading.</param>
/// <param name="Cell">Formats the cell of a row.</param>
/// <param name="Wraps">Whether cells may wrap, because they can be long, such as names.</param>
internal sealed record Column<T>(string Title, Func<T, IRenderable> Cell, bool IsNumber = false, bool Wraps = false);
