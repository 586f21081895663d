using Licensing.Licenses;

namespace Licensing.Commit;

/// <summary>The result of writing a group.</summary>
internal abstract record CommitResult
{
    private CommitResult()
    {
    }

    /// <param name="License">The license after the transaction, or null if no seat moved or the new ETags are unknown.</param>
    public sealed record Written(LicenseSnapshot? License) : CommitResult;

    /// <summary>An earlier attempt, whose reply was lost, wrote the group.</summary>
    public sealed record WrittenBefore : CommitResult;

    /// <summary>Another writer changed a row first; nothing was written.</summary>
    /// <param name="Culprit">The member whose row it was; null if the row counts seats.</param>
    public sealed record Overtaken(ChangeGroup.FailedMember? Culprit) : CommitResult;

    /// <summary>Storage rejected the transaction for an unexpected reason; nothing was written.</summary>
    /// <param name="Culprit">The member whose action was rejected; null if unknown.</param>
    public sealed record Rejected(Exception Failure, ChangeGroup.Member? Culprit) : CommitResult;

    /// <summary>Storage is unreachable or denies access, so another attempt would not help.</summary>
    public sealed record Unreachable(Exception Failure) : CommitResult;

    /// <summary>The deadline passed before storage confirmed whether the group was written.</summary>
    public sealed record NoReply(Exception Failure) : CommitResult;
}
