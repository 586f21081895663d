using System.Text.Json.Serialization;
using Licensing.Licenses;

namespace Admin.Output;

/// <param name="Before">Null if the change created the license.</param>
/// <param name="After">Null if it removed it.</param>
internal sealed record LicenseChangeJson(
    DateTimeOffset At, string By, long LicenseId, long Version, LicenseTermsJson? Before, LicenseTermsJson? After)
{
    public static LicenseChangeJson Of(LicenseChange change) => new(
        change.At, change.By, change.LicenseId, change.Version, LicenseTermsJson.Of(change.Before), LicenseTermsJson.Of(change.After));

    /// <summary>The text for tables.</summary>
    [JsonIgnore]
    public string Summary => (Before, After) switch
    {
        (null, { } after) => "created: " + string.Join(", ", after.Texts.Select(text => $"{text.Name} {text.Value}")),
        ({ } before, { } after) => string.Join(", ", before.Texts.Zip(after.Texts)
            .Where(pair => pair.First.Value != pair.Second.Value)
            .Select(pair => $"{pair.First.Name} {pair.First.Value} -> {pair.Second.Value}")),
        _ => "removed",
    };
}
