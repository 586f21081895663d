namespace Licensing.Commit;

/// <summary>A writer's reply to a change. Failures are exceptions instead.</summary>
internal abstract record WriterReply
{
    private WriterReply()
    {
    }

    /// <summary>The request has this result.</summary>
    public sealed record Settled(AssignmentOutcome Outcome) : WriterReply;

    /// <summary>The change cannot be decided from the cache: read the assignment and queue it again.</summary>
    /// <param name="Overtaken">Whether a write failed because the rows were not as cached or read.</param>
    public sealed record LookFirst(bool Overtaken = false) : WriterReply;
}
