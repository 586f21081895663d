using Azure;

namespace Licensing.Users;

/// <summary>A row of the directory.</summary>
/// <param name="User">The user with the address.</param>
/// <param name="State">Whether the user's own row agrees.</param>
/// <param name="Key">The partition key: the hash of the address when the row was written.</param>
/// <param name="ETag">The row's ETag.</param>
internal sealed record DirectoryEntry(User User, EntryState State, string Key, ETag ETag);
