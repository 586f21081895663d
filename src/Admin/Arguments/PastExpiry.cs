using System.CommandLine;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;

namespace Admin.Arguments;

/// <summary>An expiry in the past is a slip more often than a wish.</summary>
internal static class Expiry
{
    public static Option<bool> ForceOption() => new("--force") { Description = "Allow an expiry in the past." };

    /// <summary>Why it is refused, or null.</summary>
    /// <param name="consequence">Of being expired from the start.</param>
    public static string? Refusal(DateTimeOffset? expires, bool force, IServiceProvider services, string consequence) =>
        !force && expires <= services.GetRequiredService<TimeProvider>().GetUtcNow()
            ? string.Create(CultureInfo.InvariantCulture, $"{consequence}: {expires.Value.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC is past. Give a later --expires, or add --force.")
            : null;
}
