namespace Licensing.Storage;

/// <summary>What has numeric ids; each kind has its own sequence row in the platform's partition.</summary>
internal enum IdKind
{
    /// <summary>Row <c>sequence-assignment</c>.</summary>
    Assignment,

    /// <summary>Row <c>sequence-license</c>.</summary>
    License,

    /// <summary>Row <c>sequence-user</c>.</summary>
    User,
}
