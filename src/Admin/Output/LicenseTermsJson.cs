using System.Globalization;
using Licensing.Licenses;

namespace Admin.Output;

internal sealed record LicenseTermsJson(
    string Name, long? Seats, bool Active, DateTimeOffset? Starts, DateTimeOffset? Expires, string? RedirectTo)
{
    public static LicenseTermsJson? Of(LicenseTerms? terms) => terms is null
        ? null
        : new(terms.Name, terms.Seats, terms.Active, terms.Starts, terms.Expires, terms.RedirectTo);

    internal IEnumerable<(string Name, string Value)> Texts =>
    [
        ("name", Name),
        ("seats", Seats?.ToString(CultureInfo.InvariantCulture) ?? "unlimited"),
        ("active", Active ? "yes" : "no"),
        ("starts", Cells.Time(Starts, "none")),
        ("expires", Cells.Time(Expires, "none")),
        ("redirect to", RedirectTo ?? "none"),
    ];
}
