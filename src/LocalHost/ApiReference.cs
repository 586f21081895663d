using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Scalar.AspNetCore;

namespace LocalHost;

/// <summary>Serves an interactive API reference at <c>/</c>, built from <c>docs/openapi.yaml</c>. In Azure there is none.</summary>
internal static class ApiReference
{
    private const string DocumentPath = "/openapi.yaml";

    /// <summary>The name of the API key scheme in the document.</summary>
    private const string SecurityScheme = "PlatformApiKeyAuthentication";

    /// <summary>Maps the page after all other routes. It is built on first use, because it would add 10% to the start-up time.</summary>
    public static void MapApiReference(this WebApplication app)
    {
        Lazy<RequestDelegate> pages = new(() => new ApplicationBuilder(app.Services).UseRouting().UseEndpoints(MapPages).Build());
        app.Map("{**path}", context =>
        {
            // Clear the endpoint selected by this route, so that the inner routing selects one of the pages.
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
            // Scalar treats every path of one segment as a document name, but there is only one document.
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

        // Turn off everything that contacts another host.
        options.DisableAgent().DisableMcp().DisableTelemetry().DisableDefaultFonts();

        if (context.RequestServices.GetRequiredService<Demo>().Key is { } key)
        {
            options.AddApiKeyAuthentication(SecurityScheme, scheme => scheme.WithValue($"Api-Key {key.Reveal()}"))
                .AddHeaderContent(FirstScreen.Html);
        }
    }
}
