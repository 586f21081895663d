using ArchUnitNET.Loader;

namespace Architecture.Tests;

/// <summary>The assemblies of the four projects in <c>src</c>.</summary>
internal static class Solution
{
    public static ArchUnitNET.Domain.Architecture Architecture { get; } = new ArchLoader()
        .LoadAssemblies(
            typeof(Licensing.AssignmentService).Assembly,
            typeof(Functions.AssignmentFunctions).Assembly,
            System.Reflection.Assembly.Load("LocalHost"),
            System.Reflection.Assembly.Load("license-admin"))
        .Build();
}
