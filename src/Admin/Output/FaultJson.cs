using System.Globalization;

namespace Admin.Output;

/// <param name="Line">The line number, from 1; the header is line 1.</param>
internal sealed record FaultJson(int Line, string Fault)
{
    /// <summary>As text for people.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"line {Line}: {Fault}");
}
