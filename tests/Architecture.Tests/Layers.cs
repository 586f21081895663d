using System.Reflection;
using System.Text.RegularExpressions;
using Xunit;

namespace Architecture.Tests;

/// <summary>A plan of a project's namespaces, from top to bottom.</summary>
/// <param name="lines">Each a layer: one namespace, or several with a bar between them.</param>
internal sealed class Layers(params string[] lines)
{
    /// <summary>Each layer, and each one above it.</summary>
    public TheoryData<string, string> Forbidden
    {
        get
        {
            TheoryData<string, string> pairs = [];
            for (int lower = 1; lower < lines.Length; lower++)
            {
                for (int higher = 0; higher < lower; higher++)
                {
                    pairs.Add(lines[lower], lines[higher]);
                }
            }

            return pairs;
        }
    }

    /// <summary>Fails when a type's namespace is not in the plan, or the plan has one that no type is in.</summary>
    public void Name(Assembly assembly)
    {
        string root = lines[0];
        IEnumerable<string> used = assembly.GetTypes().Select(type => type.Namespace)
            .Where(name => name == root || name?.StartsWith(root + ".", StringComparison.Ordinal) == true)
            .Select(name => name!).Distinct();
        Assert.Equal(lines.SelectMany(line => line.Split('|')).Order(), used.Order());
    }

    /// <summary>A pattern of these namespaces, without those below them.</summary>
    public static string Exactly(string namespaces) => $"^({Alternatives(namespaces)})$";

    /// <summary>A pattern of these namespaces and of those below them.</summary>
    public static string Within(string namespaces) => $@"^({Alternatives(namespaces)})(\.|$)";

    private static string Alternatives(string namespaces) => string.Join('|', namespaces.Split('|').Select(Regex.Escape));
}
