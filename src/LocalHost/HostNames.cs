using System.Net;

namespace LocalHost;

/// <summary>
/// Accepts only requests whose Host header is a loopback name or named in <c>--urls</c>. Otherwise a web page whose
/// domain resolves to this machine (DNS rebinding) could read the API key on LocalHost's page.
/// </summary>
/// <param name="urls">The addresses that LocalHost listens on; null for all interfaces.</param>
internal sealed class HostNames(string? urls)
{
    private const string Refusal = "LocalHost accepts loopback host names only: allow others with --urls, for example --urls http://0.0.0.0:7071 for all.\n";

    private readonly string[] _named =
    [
        .. (urls ?? "http://*").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(url => BindingAddress.Parse(url).Host),
    ];

    public bool Serve(HostString host) =>
        IsLoopback(host.Host)
        || _named.Any(name => IsAny(name) || name.Equals(host.Host, StringComparison.OrdinalIgnoreCase));

    public Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (Serve(context.Request.Host))
        {
            return next(context);
        }

        context.Response.StatusCode = StatusCodes.Status400BadRequest;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(Refusal);
    }

    /// <summary>An empty name is allowed: HTTP/1.0 needs no Host header, and browsers always send one.</summary>
    private static bool IsLoopback(string name) =>
        name.Length == 0
        || name.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || name.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(name, out IPAddress? address) && IPAddress.IsLoopback(address));

    private static bool IsAny(string name) =>
        name is "*" or "+" || (IPAddress.TryParse(name, out IPAddress? address) && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any)));
}
