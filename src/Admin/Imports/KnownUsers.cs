using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Admin.Output;
using Licensing.Users;

namespace Admin.Imports;

/// <summary>The users of a platform by id and by address, as far as it takes to find them and what is given twice.</summary>
internal sealed class KnownUsers
{
    private readonly Dictionary<AddressHash, long> _idOf = [];
    private readonly Dictionary<long, AddressHash?> _addressOf = [];

    /// <param name="users">Where they are.</param>
    /// <param name="platform">The platform's key.</param>
    /// <param name="report">Told how many have been read.</param>
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

    /// <summary>The address of a user who is known; null when there is none.</summary>
    public AddressHash? AddressOf(long id) => _addressOf[id];
}

/// <summary>Stands for an address in 16 bytes, however long it is: two are the same when this is.</summary>
internal readonly record struct AddressHash(UInt128 Value)
{
    public static AddressHash Of(EmailAddress email)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(email.Normalized), hash);
        return new AddressHash(BinaryPrimitives.ReadUInt128BigEndian(hash));
    }
}
