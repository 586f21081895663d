using System.Net;

namespace LocalHost;

/// <summary>What is printed once LocalHost serves: its addresses, and commands to try it when there is a demo.</summary>
internal static class Greeting
{
    public static string Of(WebApplication app)
    {
        string url = ReachableUrl(app.Urls.First());
        string ready = $"Ready on {string.Join(", ", app.Urls)}; Ctrl-C stops it.\nTo try it in a browser, open {url}/";
        return app.Services.GetRequiredService<Demo>().Key is { } key ? $"{ready}\n\n{Commands(url, key.Reveal())}" : ready;
    }

    /// <summary>
    /// The id of an assignment is known once it is made, so the third command takes it out of the first one's answer.
    /// </summary>
    private static string Commands(string url, string key)
    {
        string assignment = $"{url}/{HostJson.RoutePrefix()}/catalog/licenses/user/assignment/";
        return $$"""
            # 1. Give {{Demo.Email}} a seat. The same again changes nothing.
            assignment=$(curl -sS -X POST '{{assignment}}?license_id={{Demo.LicenseId}}' \
              -H 'Authorization: Api-Key {{key}}' -H 'Content-Type: application/json' \
              -d '{"license_id": {{Demo.LicenseId}}, "email": "{{Demo.Email}}"}'); echo "$assignment"

            # 2. Has {{Demo.Email}} an active assignment?
            curl -sS -i '{{assignment}}check/?email={{Uri.EscapeDataString(Demo.Email)}}'; echo

            # 3. Take the seat back.
            curl -sS -i -X DELETE "{{assignment}}?license_id={{Demo.LicenseId}}&assignment_id=$(echo "$assignment" | grep -oE '"id": ?[0-9]+' | grep -oE '[0-9]+')" \
              -H 'Authorization: Api-Key {{key}}'
            """;
    }

    /// <summary>An address that listens on every interface (0.0.0.0, [::], +, *) is none to send to.</summary>
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
