using Azure;

namespace Licensing.Users;

/// <summary>A row of the directory.</summary>
/// <param name="User">The user with the address.</param>
/// <param name="Address">The address as it is stored, valid or not.</param>
/// <param name="State">Whether the user's own row agrees.</param>
/// <param name="Key">The partition key: the hash of the address when the row was written.</param>
/// <param name="ETag">The row's ETag.</param>
internal sealed record DirectoryEntry(User User, string? Address, EntryState State, string Key, ETag ETag)
{
    /// <summary>Whether the row has the key under which its address is looked up.</summary>
    public bool IsInPlace => User.Email?.DirectoryKey == Key;
}
