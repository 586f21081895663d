using System.Runtime.InteropServices;
using Xunit;

namespace Infra.Tests;

/// <summary>The Bicep CLI, a NuGet package that knows the types of all resources and works offline.</summary>
internal static class Bicep
{
    public static string Folder { get; } = Repository.PathOf("infra");

    public static async Task<CommandResult> RunAsync(
        string folder, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        Assert.SkipUnless(
            OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64,
            "The Bicep CLI that these tests restore runs on Linux x64 only.");
        return await Repository.RunAsync(Repository.Metadata("Bicep"), arguments, folder, environment);
    }
}
