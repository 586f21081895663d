using Admin.Output;
using Licensing.Users;

namespace Admin.Imports;

/// <summary>The ids and hashed addresses of a platform's users, to look them up and to find duplicates.</summary>
internal sealed class KnownUsers
{
    private readonly Dictionary<AddressHash, long> _idOf = [];
    private readonly Dictionary<long, AddressHash?> _addressOf = [];

    /// <param name="users">The store of users.</param>
    /// <param name="platform">The platform's key.</param>
    /// <param name="report">Receives the number of users read.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    public static async Task<KnownUsers> ReadAsync(UserStore users, string platform, Action<string> report, CancellationToken cancellationToken)
    {
        KnownUsers known = new();
        await foreach (User user in users.OfPlatformAsync(platform, cancellationToken).Reporting("Reading users", report).WithCancellation(cancellationToken))
        {
            known.Add(user.Id, user.Email);
        }

        return known;
    }

    public static KnownUsers Of(IEnumerable<User> users)
    {
        KnownUsers known = new();
        foreach (User user in users)
        {
            known.Add(user.Id, user.Email);
        }

        return known;
    }

    public void Add(long id, EmailAddress? email)
    {
        AddressHash? address = email is null ? null : AddressHash.Of(email);
        _addressOf[id] = address;
        if (address is { } hash)
        {
            _idOf.TryAdd(hash, id);
        }
    }

    public bool Has(long id) => _addressOf.ContainsKey(id);

    public long? IdOf(AddressHash address) => _idOf.TryGetValue(address, out long id) ? id : null;

    /// <summary>The address of a known user, or null if the user has none.</summary>
    public AddressHash? AddressOf(long id) => _addressOf[id];
}
