using System.Reflection;
using ArchUnitNET.Fluent.Slices;
using ArchUnitNET.xUnitV3;
using Xunit;
using static ArchUnitNET.Fluent.ArchRuleDefinition;

namespace Architecture.Tests;

/// <summary>The layers of the projects. A type may use the namespaces on its own line and on the lines below it.</summary>
public sealed class PlanTests
{
    private static readonly Layers Functions = new(
        typeof(Functions.AssignmentFunctions).Assembly,
        "Functions",
        "Functions.Requests|Functions.PublicCheck|Functions.Telemetry",
        "Functions.Responses");

    private static readonly Layers Licensing = new(
        typeof(Licensing.AssignmentService).Assembly,
        "Licensing",
        "Licensing.Commit",
        "Licensing.Verification|Licensing.Backups",
        "Licensing.Users|Licensing.ApiKeys",
        "Licensing.Assignments|Licensing.Licenses|Licensing.Platforms",
        "Licensing.Storage");

    private static readonly Layers Admin = new(
        Assembly.Load("license-admin"),
        "Admin",
        "Admin.Commands.Assignments|Admin.Commands.Keys|Admin.Commands.Licenses|Admin.Commands.Platforms|Admin.Commands.Storage|Admin.Commands.Users",
        "Admin.Commands",
        "Admin.Imports|Admin.Bench",
        "Admin.Arguments",
        "Admin.Output");

    /// <summary>Each layer, and each one above it.</summary>
    public static TheoryData<string, string> Forbidden => new(new[] { Functions, Licensing, Admin }.SelectMany(plan => plan.Forbidden));

    [Theory]
    [MemberData(nameof(Forbidden))]
    public void A_lower_layer_does_not_use_a_higher_one(string lower, string higher) =>
        Types().That().ResideInNamespaceMatching(Layers.Exactly(lower))
            .Should().NotDependOnAny(Types().That().ResideInNamespaceMatching(Layers.Exactly(higher)))
            .Check(Solution.Architecture);

    [Fact]
    public void Every_namespace_belongs_to_a_layer() =>
        Assert.All([Functions, Licensing, Admin], plan => Assert.Equal(plan.Namespaces, plan.NamespacesInUse));

    [Theory]
    [InlineData("Functions")]
    [InlineData("Licensing")]
    [InlineData("Admin")]
    public void No_two_namespaces_use_each_other(string project) =>
        SliceRuleDefinition.Slices().Matching($"{project}.(*)").Should().BeFreeOfCycles().Check(Solution.Architecture);

    [Fact]
    public void Command_groups_do_not_use_each_other() =>
        SliceRuleDefinition.Slices().Matching("Admin.Commands.(*)").Should().NotDependOnEachOther().Check(Solution.Architecture);

    [Theory]
    [InlineData("Functions")]
    [InlineData("Admin")]
    [InlineData("LocalHost")]
    public void Only_Licensing_uses_the_storage_client(string project) => AssertNoneUses(project, "Azure.Data.Tables");

    [Fact]
    public void Licensing_does_not_use_HTTP() =>
        AssertNoneUses("Licensing", "Microsoft.AspNetCore|Microsoft.Azure.Functions|Functions|LocalHost|Admin");

    [Theory]
    [InlineData("Functions", "LocalHost|Admin")]
    [InlineData("Admin", "LocalHost|Functions")]
    public void A_host_does_not_use_another_host(string project, string others) => AssertNoneUses(project, others);

    private static void AssertNoneUses(string project, string forbidden) =>
        Types().That().ResideInNamespaceMatching(Layers.Within(project))
            .Should().NotDependOnAny(Types(includeReferenced: true).That().ResideInNamespaceMatching(Layers.Within(forbidden)))
            .Check(Solution.Architecture);
}
