using System.Reflection;
using System.Text.RegularExpressions;

namespace Architecture.Tests;

/// <summary>The layers of a project's namespaces, from top to bottom.</summary>
/// <param name="lines">One line per layer: a namespace, or several separated by bars. The first is the project's.</param>
internal sealed class Layers(Assembly assembly, params string[] lines)
{
    public IEnumerable<string> Namespaces => lines.SelectMany(line => line.Split('|')).Order();

    public IEnumerable<string> NamespacesInUse => assembly.GetTypes().Select(type => type.Namespace)
        .Where(name => name == lines[0] || name?.StartsWith(lines[0] + ".", StringComparison.Ordinal) == true)
        .Select(name => name!).Distinct().Order();

    /// <summary>Each layer, and each one above it.</summary>
    public IEnumerable<(string Lower, string Higher)> Forbidden =>
        lines.SelectMany((lower, place) => lines.Take(place).Select(higher => (lower, higher)));

    /// <summary>A pattern of these namespaces, without those below them.</summary>
    public static string Exactly(string namespaces) => $"^({Alternatives(namespaces)})$";

    /// <summary>A pattern of these namespaces and of those below them.</summary>
    public static string Within(string namespaces) => $@"^({Alternatives(namespaces)})(\.|$)";

    private static string Alternatives(string namespaces) => string.Join('|', namespaces.Split('|').Select(Regex.Escape));
}
