using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Scalar.AspNetCore;

namespace LocalHost;

/// <summary>A page at <c>/</c> to read and try the API, from <c>docs/openapi.yaml</c>; Azure serves neither.</summary>
internal static class ApiReference
{
    private const string DocumentPath = "/openapi.yaml";

    /// <summary>What the document calls the API key.</summary>
    private const string SecurityScheme = "PlatformApiKeyAuthentication";

    /// <summary>Last of all routes, and made when first asked for: its endpoints would be a tenth of the start.</summary>
    public static void MapApiReference(this WebApplication app)
    {
        Lazy<RequestDelegate> pages = new(() => new ApplicationBuilder(app.Services).UseRouting().UseEndpoints(MapPages).Build());
        app.Map("{**path}", context =>
        {
            // This one has been chosen already; the pages choose again.
            context.SetEndpoint(null);
            return pages.Value(context);
        }).WithOrder(int.MaxValue);
    }

    private static void MapPages(IEndpointRouteBuilder endpoints)
    {
        string document = Path.Combine(AppContext.BaseDirectory, "openapi.yaml");
        endpoints.MapGet(DocumentPath, () => Results.File(document, "application/yaml"));
        endpoints.MapScalarApiReference("/", Configure).Finally(endpoint =>
        {
            // Scalar takes every path of one segment for the name of a document; there is one document.
            if (endpoint is RouteEndpointBuilder { RoutePattern.Parameters.Count: > 0 } page)
            {
                page.RoutePattern = RoutePatternFactory.Parse("/");
            }
        });
    }

    private static void Configure(ScalarOptions options, HttpContext context)
    {
        options
            .WithTitle("License assignment API")
            .WithOpenApiRoutePattern(DocumentPath)
            .AddPreferredSecuritySchemes(SecurityScheme)
            .HideClientButton()
            .HideDeveloperTools();

        // All that would leave this machine.
        options.DisableAgent().DisableMcp().DisableTelemetry().DisableDefaultFonts();

        if (context.RequestServices.GetRequiredService<Demo>().Key is { } key)
        {
            options.AddApiKeyAuthentication(SecurityScheme, scheme => scheme.WithValue($"Api-Key {key.Reveal()}"))
                .AddHeaderContent(FirstScreen.Html);
        }
    }
}
