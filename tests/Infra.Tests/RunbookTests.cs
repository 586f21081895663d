using Xunit;

namespace Infra.Tests;

/// <summary>Computed figures in docs/operations.md.</summary>
public sealed class RunbookTests
{
    [Fact]
    public async Task The_documented_load_model_matches_its_script()
    {
        string plot = Repository.PathOf("docs", "load-model.svg");
        string drawn = await File.ReadAllTextAsync(plot, TestContext.Current.CancellationToken);

        CommandResult result = await Repository.RunAsync("node", [Repository.PathOf("docs", "load-model.cjs")]);

        Assert.Equal(0, result.ExitCode);
        Assert.Contains(result.Output, await File.ReadAllTextAsync(Repository.PathOf("docs", "operations.md"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal(drawn, await File.ReadAllTextAsync(plot, TestContext.Current.CancellationToken));
    }
}
