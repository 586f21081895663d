namespace Licensing.Users;

/// <summary>Whether a row of the directory agrees with the user's own row, see <see cref="UserDirectory"/>.</summary>
internal enum EntryState
{
    /// <summary>The user's own row has this address.</summary>
    Settled,

    /// <summary>The user's own row will have this address.</summary>
    Entering,

    /// <summary>The user's own row will lose this address or has lost it; instances may still have it in their caches.</summary>
    Leaving,
}
