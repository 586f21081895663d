using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Functions.PublicCheck;

/// <summary>Limits the checks of each client that sends no valid API key.</summary>
public sealed class PublicCheckLimit(IOptions<PublicCheckOptions> options, TimeProvider time)
{
    private readonly PublicCheckOptions _options = options.Value;
    private readonly ClientMinutes _checks = new(time);

    /// <summary>Whether the limit is turned off in the settings.</summary>
    internal bool IsOff => _options.RequestsPerMinute == 0;

    /// <summary>Counts a check and returns null if the client may make it; otherwise returns how long it must wait.</summary>
    internal TimeSpan? Count(HttpContext context) => Count(ClientNetwork.Of(context, _options.ClientAddressHeader));

    internal TimeSpan? Count(ClientNetwork client)
    {
        (int count, TimeSpan left) = _checks.Add(client, 1);
        return count <= _options.RequestsPerMinute ? null : left;
    }
}
