using System.Collections.Concurrent;
using Licensing.Licenses;

namespace Licensing.Commit;

/// <summary>
/// The names of the allotments that this instance has taken and not folded. They are never evicted, because a forgotten
/// allotment would block its seats.
/// </summary>
/// <param name="instance">A unique name of this process.</param>
internal sealed class OwnAllotments(string instance)
{
    /// <summary>Maximum allotments of an instance.</summary>
    private const int Most = 10_000;

    private readonly ConcurrentDictionary<(string Platform, long LicenseId), OwnAllotment> _allotments = new();

    public IReadOnlyCollection<KeyValuePair<(string Platform, long LicenseId), OwnAllotment>> All => [.. _allotments];

    public OwnAllotment? Find(string platform, long licenseId) => _allotments.GetValueOrDefault((platform, licenseId));

    /// <summary>Returns the allotment to take with a transaction on this row, or null if the instance has too many.</summary>
    public OwnAllotment? Next(LicenseRow row) =>
        _allotments.Count < Most ? new OwnAllotment(Allotment.NameFor(row.Version + 1, instance), OwnAllotment.FirstSize) : null;

    public void Set(string platform, long licenseId, OwnAllotment own) => _allotments[(platform, licenseId)] = own;

    public void Remove(string platform, long licenseId) => _allotments.TryRemove((platform, licenseId), out _);
}
