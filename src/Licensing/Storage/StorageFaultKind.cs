namespace Licensing.Storage;

/// <summary>The kind of problem that a storage call met.</summary>
internal enum StorageFaultKind
{
    /// <summary>No problem of the account: a conflict, or a defect of this service.</summary>
    None,

    /// <summary>Throttled, failed or timed out. The call may have been carried out nevertheless.</summary>
    NoReply,

    /// <summary>No connection was established, so nothing was carried out.</summary>
    Unreachable,

    /// <summary>Storage denies access or lacks the tables. Nothing was carried out; an operator must act.</summary>
    Denied,
}
