using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Functions;

/// <summary>Keeps ASP.NET Core from logging what only the client and this service should know, and what nobody needs.</summary>
internal static class PrivateLogs
{
    /// <summary>Log the request's line, in whose query the check has an e-mail address, and headers that are malformed.</summary>
    private static readonly string[] Private =
    [
        "Microsoft.AspNetCore.Hosting.Diagnostics",
        "Microsoft.AspNetCore.Server.Kestrel.BadRequests",
    ];

    /// <summary>Warnings of these categories at most, whatever the settings say of levels.</summary>
    public static IServiceCollection AddPrivateLogs(this IServiceCollection services) => services.AddWarningsOnly(Private);

    /// <summary>
    /// Warnings of ASP.NET Core at most, whatever the settings say of levels: in the worker each record of a request
    /// crosses the wire to the host, which has logged the request itself.
    /// </summary>
    public static IServiceCollection AddQuietWebServer(this IServiceCollection services) => services.AddWarningsOnly("Microsoft.AspNetCore");

    private static IServiceCollection AddWarningsOnly(this IServiceCollection services, params string[] categories) =>
        services.AddLogging().PostConfigure<LoggerFilterOptions>(filters =>
        {
            // A rule for a provider goes before all that name none, so each provider with rules needs one of ours.
            string?[] providers = [null, .. filters.Rules.Select(rule => rule.ProviderName).Distinct()];
            foreach (string category in categories)
            {
                // The longest category that fits decides.
                foreach (LoggerFilterRule rule in filters.Rules.Where(rule => IsWithin(rule.CategoryName, category) && !(rule.LogLevel >= LogLevel.Warning)).ToList())
                {
                    filters.Rules.Remove(rule);
                }

                foreach (string? provider in providers)
                {
                    filters.Rules.Add(new LoggerFilterRule(provider, category, LogLevel.Warning, filter: null));
                }
            }
        });

    private static bool IsWithin(string? category, string outer) => category?.StartsWith(outer, StringComparison.OrdinalIgnoreCase) == true;
}
