using System.Collections.Concurrent;
using Microsoft.Playwright;
using TestSupport;
using Xunit;

namespace Contract.Tests;

/// <summary>LocalHost's page at <c>/</c>, in a browser.</summary>
public sealed class PageTests(LocalHostService service) : IDisposable
{
    /// <summary>Browsers of the Chromium family.</summary>
    private static readonly string[] Browsers = ["chromium", "chromium-browser", "google-chrome", "microsoft-edge"];

    /// <summary>The first on the PATH, or null.</summary>
    private static string? Chromium { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .SelectMany(folder => Browsers.Select(browser => Path.Combine(folder, browser)))
        .FirstOrDefault(File.Exists);

    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory();

    public void Dispose() => _data.Delete(recursive: true);

    [Fact]
    public async Task An_assignment_is_created_on_the_page_and_no_other_host_is_contacted()
    {
        Assert.SkipWhen(Chromium is null, $"None of {string.Join(", ", Browsers)} is on the PATH: apt-get install chromium.");
        await service.ServerAsync();
        await using LocalHostServer server = await service.StartDemoAsync(_data.FullName);
        using IPlaywright playwright = await StartDriverAsync();
        await using IBrowser browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = Chromium, Args = ["--no-sandbox"] });
        IPage page = await browser.NewPageAsync();
        string origin = server.Client.BaseAddress!.GetLeftPart(UriPartial.Authority);
        ConcurrentQueue<string> elsewhere = [];
        await page.RouteAsync(url => url.StartsWith("http", StringComparison.Ordinal) && !url.StartsWith($"{origin}/", StringComparison.Ordinal), async route =>
        {
            elsewhere.Enqueue(route.Request.Url);
            await route.AbortAsync();
        });

        await page.GotoAsync(origin);
        // An operation is rendered when it is scrolled near.
        await page.GetByText("Assignments of licenses to users.").First.ScrollIntoViewIfNeededAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Test Request" }).First.ClickAsync();
        ILocator client = page.GetByRole(AriaRole.Dialog, new() { Name = "API Client" });
        IResponse created = await page.RunAndWaitForResponseAsync(
            () => client.GetByRole(AriaRole.Button, new() { Name = "Send post request" }).ClickAsync(),
            response => response.Request.Method == "POST");

        Assert.Equal((200, "/api/catalog/licenses/user/assignment/"), (created.Status, new Uri(created.Url).AbsolutePath));
        // Of the optional parameters, at most the one with a default is sent.
        Assert.All(["page", "page_size", "platform_key", "platform_org"], name => Assert.DoesNotContain($"{name}=", created.Url, StringComparison.Ordinal));
        await Assertions.Expect(client.GetByText("200 OK")).ToBeVisibleAsync();
        await Assertions.Expect(client.GetByText("\"license_name\": \"Demo course\"")).ToBeVisibleAsync();
        using HttpResponseMessage check = await server.Client.GetAsync(
            "/api/catalog/licenses/user/assignment/check/?email=ada@example.com", TestContext.Current.CancellationToken);
        Assert.Equal(System.Net.HttpStatusCode.OK, check.StatusCode);
        Assert.Empty(elsewhere);
    }

    /// <summary>The driver stays in the package folder, because it is 135 MB.</summary>
    private static Task<IPlaywright> StartDriverAsync()
    {
        Environment.SetEnvironmentVariable("PLAYWRIGHT_DRIVER_SEARCH_PATH", (string)AppContext.GetData("Playwright.Driver")!);
        return Playwright.CreateAsync();
    }
}
