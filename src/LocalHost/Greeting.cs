using System.Net;

namespace LocalHost;

/// <summary>The text printed when LocalHost is ready: its addresses and, with a demo, commands to try it.</summary>
internal static class Greeting
{
    public static string Of(WebApplication app)
    {
        string url = ReachableUrl(app.Urls.First());
        string ready = $"Ready on {string.Join(", ", app.Urls)}; press Ctrl-C to stop.\nOpen {url}/ to try it in a browser.";
        return app.Services.GetRequiredService<Demo>().Key is { } key ? $"{ready}\n\n{Commands(url, key.Reveal())}" : ready;
    }

    private static string Commands(string url, string key)
    {
        string assignment = $"{url}/{HostJson.RoutePrefix()}/catalog/licenses/user/assignment/";
        return $$"""
            # 1. Assign the license to {{Demo.Email}}. Repeating this changes nothing.
            assignment=$(curl -sS -X POST '{{assignment}}?license_id={{Demo.LicenseId}}' \
              -H 'Authorization: Api-Key {{key}}' -H 'Content-Type: application/json' \
              -d '{"license_id": {{Demo.LicenseId}}, "email": "{{Demo.Email}}"}'); echo "$assignment"

            # 2. Does {{Demo.Email}} have an active assignment?
            curl -sS -i '{{assignment}}check/?email={{Uri.EscapeDataString(Demo.Email)}}'; echo

            # 3. Remove the assignment. Its seat is free again.
            curl -sS -i -X DELETE "{{assignment}}?license_id={{Demo.LicenseId}}&assignment_id=$(echo "$assignment" | grep -oE '"id": ?[0-9]+' | grep -oE '[0-9]+')" \
              -H 'Authorization: Api-Key {{key}}'
            """;
    }

    /// <summary>Replaces an address that means all interfaces (0.0.0.0, [::], +, *) with 127.0.0.1, because clients cannot connect to it.</summary>
    private static string ReachableUrl(string url)
    {
        UriBuilder uri = new(url.Replace("//+", "//0.0.0.0", StringComparison.Ordinal).Replace("//*", "//0.0.0.0", StringComparison.Ordinal));
        if (IPAddress.TryParse(uri.Host, out IPAddress? address) && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any)))
        {
            uri.Host = "127.0.0.1";
        }

        return uri.Uri.GetLeftPart(UriPartial.Authority);
    }
}
