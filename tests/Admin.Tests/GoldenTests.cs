using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using TestSupport;
using Xunit;

namespace Admin.Tests;

/// <summary>
/// Every list and feed in each format matches a file in <c>Golden</c>. With UPDATE_GOLDEN=1, the files are written
/// instead; review the changes before you commit them.
/// </summary>
public sealed partial class GoldenTests(AzuriteFixture azurite) : IDisposable
{
    private static readonly (string Name, string[] Arguments)[] Lists =
    [
        ("platform-list", ["platform", "list"]),
        ("key-list", ["key", "list", "acme"]),
        ("license-list", ["license", "list", "acme"]),
        ("license-history", ["license", "history", "acme", "1"]),
        ("license-usage", ["license", "usage", "acme", "1"]),
        ("user-list", ["user", "list", "acme"]),
        ("user-show", ["user", "show", "acme", "1"]),
        ("assignment-list", ["assignment", "list", "acme"]),
        ("assignment-history", ["assignment", "history", "acme", "--license", "1"]),
        ("assignment-sync", ["assignment", "sync", "acme", "-", "--license", "1", "--dry-run", "--max-removals", "1"]),
        ("history", ["history", "acme"]),
    ];

    private readonly Provisioning _there = new(azurite);

    public void Dispose() => _there.Dispose();

    [Fact]
    public async Task Every_list_and_feed_matches_its_golden_file()
    {
        await _there.DoneAsync("platform", "create", "acme", "--org", "Acme Inc");
        await _there.LicenseAsync("Algebra", seats: 10);
        await _there.DoneAsync("license", "update", "acme", "1", "--seats", "20", "--expires", "2031-01-01");
        await _there.UserAsync("ada", "ada@example.org");
        await _there.UserAsync("=bob, \"the builder\"", "bob@example.org");
        await _there.PutAsync(user: 1, license: 1, fulfilled: true, metadata: """{"room":"12"}""");
        await _there.PutAsync(user: 2, license: 1, active: false);
        await _there.DoneAsync("key", "create", "acme", "--name", "enrolment", "--expires", "2031-01-01");

        List<string> differing = [];
        foreach ((string name, string[] arguments) in Lists)
        {
            foreach ((string extension, string[] option) in new (string, string[])[] { ("txt", []), ("json", ["--json"]), ("csv", ["--csv"]) })
            {
                if (name == "user-show" && extension == "csv")
                {
                    continue;
                }

                AdminResult result = await AdminProcess.RunWithInputAsync(_there.Settings, "email,active\nada@example.org,false\n", [.. arguments, .. option]);
                Assert.Equal((0, ""), (result.ExitCode, result.Error));
                if (!AssertMatchesGoldenFile($"{name}.{extension}", Normalize(result.Output)))
                {
                    differing.Add($"{name}.{extension}:\n{Normalize(result.Output)}");
                }
            }
        }

        Assert.Empty(differing);
    }

    /// <summary>Replaces what differs between runs.</summary>
    private static string Normalize(string output)
    {
        output = Now().Replace(output, match =>
            match.Value.StartsWith("2026-05-04", StringComparison.Ordinal) || match.Value.StartsWith("2031-", StringComparison.Ordinal) ? match.Value : "<now>");
        output = Me().Replace(output, "admin:<me>");
        return Cursor().Replace(KeyId().Replace(output, "<key-id>"), "$1<cursor>").ReplaceLineEndings("\n");
    }

    private static bool AssertMatchesGoldenFile(string file, string output, [CallerFilePath] string source = "")
    {
        string path = Path.Combine(Path.GetDirectoryName(source)!, "Golden", file);
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, output);
        }

        return File.Exists(path) && CollapseSpaces(File.ReadAllText(path)) == CollapseSpaces(output);
    }

    /// <summary>Collapses spaces, because column widths differ between runs.</summary>
    private static string CollapseSpaces(string text) => Blanks().Replace(text, " ");

    [GeneratedRegex(@"20\d\d-\d\d-\d\d([T ]\d\d:\d\d:\d\d(\.\d+)?(\+00:00)?)?")]
    private static partial Regex Now();

    [GeneratedRegex(@"admin:[A-Za-z0-9_.-]+")]
    private static partial Regex Me();

    [GeneratedRegex(@"\b[0-9a-f]{16}\b")]
    private static partial Regex KeyId();

    [GeneratedRegex("(--after |\"cursor\":\")[A-Za-z0-9_-]+")]
    private static partial Regex Cursor();

    [GeneratedRegex("[ ─]+")]
    private static partial Regex Blanks();
}
