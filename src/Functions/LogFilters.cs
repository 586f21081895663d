using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Functions;

/// <summary>Keeps private data and unneeded records of ASP.NET Core out of the logs.</summary>
internal static class LogFilters
{
    /// <summary>Categories that log the request line, whose query contains an e-mail address in a check, and malformed headers.</summary>
    private static readonly string[] Private =
    [
        "Microsoft.AspNetCore.Hosting.Diagnostics",
        "Microsoft.AspNetCore.Server.Kestrel.BadRequests",
    ];

    /// <summary>Limits the private categories to warnings and above, whatever the configured log levels.</summary>
    public static IServiceCollection AddPrivateLogs(this IServiceCollection services) => services.AddWarningsOnly(Private);

    /// <summary>
    /// Limits ASP.NET Core to warnings and above, whatever the configured log levels. In the worker every log record of
    /// a request is sent to the host, which has logged the request itself.
    /// </summary>
    public static IServiceCollection AddQuietWebServer(this IServiceCollection services) => services.AddWarningsOnly("Microsoft.AspNetCore");

    private static IServiceCollection AddWarningsOnly(this IServiceCollection services, params string[] categories) =>
        services.AddLogging().PostConfigure<LoggerFilterOptions>(filters =>
        {
            // A rule for a provider takes precedence over rules without one, so each provider with rules needs its own.
            string?[] providers = [null, .. filters.Rules.Select(rule => rule.ProviderName).Distinct()];
            foreach (string category in categories)
            {
                // The longest matching category wins, so remove more verbose rules below this one.
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
