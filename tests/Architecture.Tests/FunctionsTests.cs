using ArchUnitNET.Fluent.Slices;
using ArchUnitNET.xUnitV3;
using Xunit;
using static ArchUnitNET.Fluent.ArchRuleDefinition;

namespace Architecture.Tests;

/// <summary>
/// The plan of <c>src/Functions</c>. A type may use what stands on its own line and on the lines below it.
/// </summary>
public sealed class FunctionsTests
{
    private static readonly Layers Plan = new(
        "Functions",
        "Functions.Requests|Functions.PublicCheck|Functions.Telemetry",
        "Functions.Responses");

    public static TheoryData<string, string> Forbidden => Plan.Forbidden;

    [Theory]
    [MemberData(nameof(Forbidden))]
    public void A_lower_layer_does_not_use_a_higher_one(string lower, string higher) =>
        Types().That().ResideInNamespaceMatching(Layers.Exactly(lower))
            .Should().NotDependOnAny(Types().That().ResideInNamespaceMatching(Layers.Exactly(higher)))
            .Check(Solution.Architecture);

    [Fact]
    public void Every_namespace_has_its_place_in_the_plan() => Plan.Name(typeof(Functions.AssignmentFunctions).Assembly);

    [Fact]
    public void No_two_namespaces_use_each_other() =>
        SliceRuleDefinition.Slices().Matching("Functions.(*)").Should().BeFreeOfCycles().Check(Solution.Architecture);

    [Theory]
    [InlineData("Functions")]
    [InlineData("Admin")]
    [InlineData("LocalHost")]
    public void Only_Licensing_uses_the_storage_client(string project) =>
        Types().That().ResideInNamespaceMatching(Layers.Within(project))
            .Should().NotDependOnAny(Types(includeReferenced: true).That().ResideInNamespaceMatching(Layers.Within("Azure.Data.Tables")))
            .Check(Solution.Architecture);

    [Theory]
    [InlineData("Functions", "LocalHost|Admin")]
    [InlineData("Admin", "LocalHost|Functions")]
    public void A_host_does_not_use_another(string project, string others) =>
        Types().That().ResideInNamespaceMatching(Layers.Within(project))
            .Should().NotDependOnAny(Types().That().ResideInNamespaceMatching(Layers.Within(others)))
            .Check(Solution.Architecture);
}
