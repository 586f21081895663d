using System.Runtime.CompilerServices;
using Azure.Data.Tables;
using Licensing.Storage;
using TestSupport;
using Xunit;

namespace Admin.Tests;

/// <summary><c>docs/life-cycle.sh</c>, with fewer users than its default.</summary>
public sealed class LifeCycleTests(AzuriteFixture azurite) : IDisposable
{
    private readonly Provisioning _there = new(azurite);

    public void Dispose() => _there.Dispose();

    [Fact]
    public async Task A_script_runs_the_full_life_cycle_of_a_platform()
    {
        string script = Path.Combine(Path.GetDirectoryName(SourceFile())!, "../../docs/life-cycle.sh");

        AdminResult result = await AdminProcess.RunInShellAsync(
            _there.Settings, $"LICENSE_ADMIN=\"$*\" PEOPLE=${{PEOPLE:-200}} sh '{script}'");

        Assert.True(result.ExitCode == 0, $"{result.Error}\n{result.Output}");
        string[] promised =
        [
            "200 assignments added to platform acme, 0 already there, 0 skipped.",
            "License 1 of platform acme: 2 assignments added, 0 changed, 2 removed, 198 unchanged.",
            "Removed license 1 from platform acme; assignments removed: 200.",
            "acme: clean; licenses 1, users 201, assignments 199 (199 active)",
            "Removed platform acme: 1 license, 201 users, 199 assignments",
            "No platforms.",
        ];
        Assert.All(promised, line => Assert.Contains(line, result.Output, StringComparison.Ordinal));
        Tables tables = _there.Get<Tables>();
        foreach (TableClient table in new[] { tables.Assignments, tables.Directory, tables.ApiKeys, tables.Platforms })
        {
            Assert.Empty(await table.QueryAsync<TableEntity>(cancellationToken: TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken));
        }
    }

    private static string SourceFile([CallerFilePath] string source = "") => source;
}
