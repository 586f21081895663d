using ArchUnitNET.Fluent.Slices;
using ArchUnitNET.xUnitV3;
using Xunit;
using static ArchUnitNET.Fluent.ArchRuleDefinition;

namespace Architecture.Tests;

/// <summary>
/// The plan of <c>src/Licensing</c>. A type may use what stands on its own line and on the lines below it.
/// </summary>
public sealed class LicensingTests
{
    private static readonly Layers Plan = new(
        "Licensing",
        "Licensing.Commit",
        "Licensing.Verification|Licensing.Backups",
        "Licensing.Users|Licensing.ApiKeys",
        "Licensing.Assignments|Licensing.Licenses|Licensing.Platforms",
        "Licensing.Storage");

    public static TheoryData<string, string> Forbidden => Plan.Forbidden;

    [Theory]
    [MemberData(nameof(Forbidden))]
    public void A_lower_layer_does_not_use_a_higher_one(string lower, string higher) =>
        Types().That().ResideInNamespaceMatching(Layers.Exactly(lower))
            .Should().NotDependOnAny(Types().That().ResideInNamespaceMatching(Layers.Exactly(higher)))
            .Check(Solution.Architecture);

    [Fact]
    public void Every_namespace_has_its_place_in_the_plan() => Plan.Name(typeof(Licensing.AssignmentService).Assembly);

    [Fact]
    public void No_two_namespaces_use_each_other() =>
        SliceRuleDefinition.Slices().Matching("Licensing.(*)").Should().BeFreeOfCycles().Check(Solution.Architecture);

    [Fact]
    public void Licensing_knows_no_HTTP() =>
        Types().That().ResideInNamespaceMatching(Layers.Within("Licensing"))
            .Should().NotDependOnAny(Types(includeReferenced: true).That().ResideInNamespaceMatching(
                Layers.Within("Microsoft.AspNetCore|Microsoft.Azure.Functions|Functions|LocalHost|Admin")))
            .Check(Solution.Architecture);
}
