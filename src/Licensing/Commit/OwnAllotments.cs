using System.Collections.Concurrent;
using Licensing.Licenses;

namespace Licensing.Commit;

/// <summary>
/// The allotments this instance has taken and not folded. They are remembered by name, longer than what is in them: one
/// that was forgotten would keep its seats aside for nobody.
/// </summary>
/// <param name="instance">Names this process among all that ever run.</param>
internal sealed class OwnAllotments(string instance)
{
    /// <summary>Licenses that are hot on one instance; past that it takes no more allotments.</summary>
    private const int Most = 10_000;

    private readonly ConcurrentDictionary<(string Platform, long LicenseId), OwnAllotment> _allotments = new();

    public IReadOnlyCollection<KeyValuePair<(string Platform, long LicenseId), OwnAllotment>> All => [.. _allotments];

    public OwnAllotment? Find(string platform, long licenseId) => _allotments.GetValueOrDefault((platform, licenseId));

    /// <summary>The one to take with a transaction on this row, or null when the instance has too many.</summary>
    public OwnAllotment? Next(LicenseRow row) =>
        _allotments.Count < Most ? new OwnAllotment(Allotment.NameFor(row.Version + 1, instance), OwnAllotment.FirstSize) : null;

    public void Set(string platform, long licenseId, OwnAllotment own) => _allotments[(platform, licenseId)] = own;

    public void Remove(string platform, long licenseId) => _allotments.TryRemove((platform, licenseId), out _);
}
