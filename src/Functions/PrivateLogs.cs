using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Functions;

/// <summary>Keeps ASP.NET Core from logging what only the client and this service should know.</summary>
internal static class PrivateLogs
{
    /// <summary>Log the request's line, in whose query the check has an e-mail address, and headers that are malformed.</summary>
    private static readonly string[] Categories =
    [
        "Microsoft.AspNetCore.Hosting.Diagnostics",
        "Microsoft.AspNetCore.Server.Kestrel.BadRequests",
    ];

    /// <summary>Warnings of these categories at most, whatever the settings say of levels.</summary>
    public static IServiceCollection AddPrivateLogs(this IServiceCollection services) =>
        services.AddLogging().PostConfigure<LoggerFilterOptions>(filters =>
        {
            // A rule for a provider goes before all that name none, so each provider with rules needs one of ours.
            string?[] providers = [null, .. filters.Rules.Select(rule => rule.ProviderName)];
            foreach (string? provider in providers.Distinct())
            {
                foreach (string category in Categories)
                {
                    filters.Rules.Add(new LoggerFilterRule(provider, category, LogLevel.Warning, filter: null));
                }
            }
        });
}
