using System.Reflection;
using ArchUnitNET.Fluent.Slices;
using ArchUnitNET.xUnitV3;
using Xunit;
using static ArchUnitNET.Fluent.ArchRuleDefinition;

namespace Architecture.Tests;

/// <summary>
/// The plan of <c>src/Admin</c>. A type may use what stands on its own line and on the lines below it.
/// </summary>
public sealed class AdminTests
{
    private static readonly Layers Plan = new(
        "Admin",
        "Admin.Commands.Assignments|Admin.Commands.Keys|Admin.Commands.Licenses|Admin.Commands.Platforms|Admin.Commands.Storage|Admin.Commands.Users",
        "Admin.Commands",
        "Admin.Imports|Admin.Bench",
        "Admin.Arguments",
        "Admin.Output");

    public static TheoryData<string, string> Forbidden => Plan.Forbidden;

    [Theory]
    [MemberData(nameof(Forbidden))]
    public void A_lower_layer_does_not_use_a_higher_one(string lower, string higher) =>
        Types().That().ResideInNamespaceMatching(Layers.Exactly(lower))
            .Should().NotDependOnAny(Types().That().ResideInNamespaceMatching(Layers.Exactly(higher)))
            .Check(Solution.Architecture);

    [Fact]
    public void Every_namespace_has_its_place_in_the_plan() => Plan.Name(Assembly.Load("license-admin"));

    [Fact]
    public void No_two_namespaces_use_each_other() =>
        SliceRuleDefinition.Slices().Matching("Admin.(*)").Should().BeFreeOfCycles().Check(Solution.Architecture);

    [Fact]
    public void A_noun_does_not_use_another() =>
        SliceRuleDefinition.Slices().Matching("Admin.Commands.(*)").Should().NotDependOnEachOther().Check(Solution.Architecture);
}
