using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Testing;
using Xunit;

namespace Contract.Tests;

/// <summary>LocalHost's page at <c>/</c>, in a browser.</summary>
public sealed class PageTests(Service service) : IDisposable
{
    /// <summary>Where Debian's package puts it.</summary>
    private const string Chromium = "/usr/bin/chromium";

    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory();

    public void Dispose() => _data.Delete(recursive: true);

    [Fact]
    public async Task An_assignment_is_created_on_the_page_which_asks_nothing_of_any_other_host()
    {
        Assert.SkipUnless(File.Exists(Chromium), $"There is no Chromium at {Chromium}: apt-get install chromium.");
        await using LocalHostServer server = await service.StartDemoAsync(_data.FullName);
        using IPlaywright playwright = await StartDriverAsync();
        await using IBrowser browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = Chromium, Args = ["--no-sandbox"] });
        IPage page = await browser.NewPageAsync(new() { ViewportSize = new() { Width = 1400, Height = 1000 } });
        ConcurrentBag<string> foreign = [];
        string origin = server.Client.BaseAddress!.GetLeftPart(UriPartial.Authority);
        page.Request += (_, request) =>
        {
            if (!request.Url.StartsWith(origin + "/", StringComparison.Ordinal) && !request.Url.StartsWith("data:", StringComparison.Ordinal) && !request.Url.StartsWith("blob:", StringComparison.Ordinal))
            {
                foreign.Add(request.Url);
            }
        };

        await page.GotoAsync(origin);
        await page.WaitForLoadStateAsync(LoadState.NetworkIdle);
        await page.ScreenshotAsync(new() { Path = "/tmp/oa-scratch/page1.png" });
        await File.WriteAllTextAsync("/tmp/oa-scratch/page1.txt", await page.Locator("body").InnerTextAsync(), TestContext.Current.CancellationToken);
        Assert.Empty(foreign);
        JsonNode.Parse("1");
    }

    /// <summary>The driver in the package's folder, on the Node.js that Azurite needs too.</summary>
    private static Task<IPlaywright> StartDriverAsync()
    {
        Environment.SetEnvironmentVariable("PLAYWRIGHT_DRIVER_SEARCH_PATH", (string)AppContext.GetData("Playwright.Driver")!);
        return Playwright.CreateAsync();
    }
}
