using System.Runtime.Versioning;
using TestSupport;
using Xunit;

namespace Admin.Tests;

/// <summary>Where a chart goes, and what is left there when it cannot be written or there is none.</summary>
public sealed class ChartFileTests : IAsyncLifetime
{
    private const string Earlier = "an earlier chart";

    private readonly Provisioning _there;
    private readonly string _existing;
    private readonly string _folder;

    public ChartFileTests(AzuriteFixture azurite)
    {
        _there = new Provisioning(azurite);
        _existing = _there.Write("earlier.svg", Earlier);
        _folder = Path.GetDirectoryName(_existing)!;
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _there.PlatformAsync("acme");
        await _there.LicenseAsync("Algebra", seats: 2);
    }

    public ValueTask DisposeAsync()
    {
        _there.Dispose();
        return default;
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public async Task A_chart_replaces_the_whole_file_and_keeps_its_permissions()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Modes of files are Unix's.");
        string longer = _there.Write("longer.svg", new string('x', 100_000));
        File.SetUnixFileMode(longer, UnixFileMode.UserRead | UnixFileMode.UserWrite);

        await DrawAsync(_existing);
        await DrawAsync(longer);

        Assert.Equal("</svg>", (await File.ReadAllTextAsync(_existing, Cancellation)).TrimEnd()[^6..]);
        Assert.Equal(await File.ReadAllTextAsync(_existing, Cancellation), await File.ReadAllTextAsync(longer, Cancellation));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(longer));
    }

    [Theory]
    [InlineData("earlier.svg")]
    [InlineData("new.svg")]
    public async Task A_chart_is_written_to_the_target_of_symbolic_links(string target)
    {
        string link = Link("second", Link("first", target));

        await DrawAsync(link);

        Assert.Equal("first", Path.GetFileName(new FileInfo(link).LinkTarget));
        Assert.StartsWith("<svg ", await File.ReadAllTextAsync(Path.Combine(_folder, target), Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_chart_can_be_written_to_a_pipe()
    {
        AdminResult result = await AdminProcess.RunInShellAsync(
            _there.Settings, "mkfifo pipe; cat pipe & \"$@\" > /dev/null; wait", "license", "usage", "acme", "1", "--svg", "pipe");

        Assert.StartsWith("<svg ", result.Output, StringComparison.Ordinal);
        Assert.EndsWith("</svg>", result.Output.TrimEnd(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("earlier.svg")]
    [InlineData("empty.svg")]
    [InlineData("new.svg")]
    public async Task A_full_disk_leaves_the_chart_file_unchanged(string file)
    {
        _there.Write("empty.svg", "");
        string[] before = await FilesAsync();

        // A file may have 512 bytes, and a chart has more. The runtime's own file for code is switched off.
        AdminResult result = await AdminProcess.RunInShellAsync(
            new Dictionary<string, string>(_there.Settings) { ["DOTNET_EnableWriteXorExecute"] = "0" },
            "trap '' XFSZ; ulimit -f 1; exec \"$@\"",
            "license", "usage", "acme", "1", "--svg", Path.Combine(_folder, file));

        Assert.Matches(@"cannot be written \([^\n]+\): free disk space, or pass another file\.\n\z", result.Error);
        Assert.Equal(1, result.ExitCode);
        Assert.Equal(before, await FilesAsync());
    }

    [Theory]
    [InlineData(".")]
    [InlineData("/dev/full")]
    [InlineData("missing/chart.svg")]
    [InlineData("dangling")]
    [InlineData("loop")]
    public async Task An_unwritable_chart_file_is_reported_and_unchanged(string path)
    {
        Link("dangling", "missing/chart.svg");
        Link("loop", "loop");
        string[] before = await FilesAsync();

        AdminResult result = await _there.RunAsync("license", "usage", "acme", "1", "--svg", Path.Combine(_folder, path));

        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.Matches(@"cannot be written \([^\n]+\): free disk space, or pass another file\.\n\z", result.Error);
        Assert.Equal(before, await FilesAsync());
    }

    [Fact]
    public async Task A_failed_benchmark_leaves_a_dangling_link_unchanged()
    {
        string link = Link("dangling", "new.svg");
        string[] before = await FilesAsync();

        // Nothing listens there.
        AdminResult result = await _there.RunAsync("bench", "--seconds", "1", "--url", $"http://127.0.0.1:{FreePort.Take()}", "--svg", link);

        Assert.Equal(1, result.ExitCode);
        Assert.Equal(before, await FilesAsync());
    }

    private async Task DrawAsync(string svg) => await _there.DoneAsync("license", "usage", "acme", "1", "--svg", svg);

    private string Link(string name, string target) =>
        File.CreateSymbolicLink(Path.Combine(_folder, name), Path.IsPathRooted(target) ? Path.GetFileName(target) : target).FullName;

    /// <summary>What is in the folder, with the content of files and the targets of links.</summary>
    private async Task<string[]> FilesAsync() => await Task.WhenAll(
        new DirectoryInfo(_folder).GetFileSystemInfos().OrderBy(file => file.Name, StringComparer.Ordinal).Select(async file =>
            $"{file.Name}: {file.LinkTarget ?? await File.ReadAllTextAsync(file.FullName, Cancellation)}"));
}
