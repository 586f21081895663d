using System.Text.Json;

namespace LocalHost;

/// <summary>Reads the settings of the Functions host in <c>host.json</c> that LocalHost applies too.</summary>
internal static class HostJson
{
    /// <summary>The default of the Functions host.</summary>
    private const string DefaultRoutePrefix = "api";

    public static string RoutePrefix()
    {
        string path = Path.Combine(AppContext.BaseDirectory, "host.json");
        JsonDocumentOptions options = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(path), options);
        return json.RootElement.TryGetProperty("extensions", out JsonElement extensions)
            && extensions.TryGetProperty("http", out JsonElement http)
            && http.TryGetProperty("routePrefix", out JsonElement prefix)
                ? prefix.GetString() ?? DefaultRoutePrefix
                : DefaultRoutePrefix;
    }
}
