using Xunit;

namespace Infra.Tests;

/// <summary>Checks of the templates themselves: they compile, lint and are formatted.</summary>
public sealed class BicepTests
{
    [Theory]
    [InlineData("build", "main.bicep", "--stdout")]
    [InlineData("lint", "main.bicep")]
    public async Task The_template_compiles_and_lints_without_a_warning(params string[] command)
    {
        CommandResult result = await Bicep.RunAsync(Bicep.Folder, command);

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
    }

    [Fact]
    public async Task All_files_are_formatted()
    {
        using InfraCopy copy = new();

        CommandResult result = await Bicep.RunAsync(copy.Folder, ["format", "--pattern", "**/*.bicep*"]);

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.All(InfraCopy.Files(Bicep.Folder), file =>
            Assert.Equal(File.ReadAllText(Path.Combine(Bicep.Folder, file)), File.ReadAllText(copy.PathOf(file))));
    }
}
