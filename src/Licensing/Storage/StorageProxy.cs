using System.Net;

namespace Licensing.Storage;

/// <summary>
/// The proxy from HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY, as in the Azure SDK's own transport. Loopback
/// addresses, such as Azurite's, are reached directly.
/// </summary>
internal sealed class StorageProxy(IWebProxy named) : IWebProxy
{
    public ICredentials? Credentials
    {
        get => named.Credentials;
        set => named.Credentials = value;
    }

    public Uri? GetProxy(Uri destination) => IsBypassed(destination) ? null : named.GetProxy(destination);

    public bool IsBypassed(Uri host) => host.IsLoopback || named.IsBypassed(host);
}
