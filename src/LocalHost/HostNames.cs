using System.Net;

namespace LocalHost;

/// <summary>
/// The names in a Host header that LocalHost serves: those of loopback, and those that <c>--urls</c> names. A web page
/// whose own name was made to lead to this machine (DNS rebinding) could otherwise read the API key on LocalHost's page.
/// </summary>
/// <param name="urls">What is listened on; null for ports of all interfaces.</param>
internal sealed class HostNames(string? urls)
{
    private const string Refusal = "LocalHost serves loopback names only: name another with --urls, such as --urls http://0.0.0.0:7071 for all.\n";

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

    /// <summary>HTTP/1.0 needs no Host header; browsers send one.</summary>
    private static bool IsLoopback(string name) =>
        name.Length == 0
        || name.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || name.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(name, out IPAddress? address) && IPAddress.IsLoopback(address));

    private static bool IsAny(string name) =>
        name is "*" or "+" || (IPAddress.TryParse(name, out IPAddress? address) && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any)));
}
