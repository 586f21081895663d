namespace Licensing.Commit;

/// <summary>What a license's writer says of a change. Trouble is not among these: it is an exception.</summary>
internal abstract record WriterReply
{
    private WriterReply()
    {
    }

    /// <summary>The request ended so.</summary>
    public sealed record Settled(AssignmentOutcome Outcome) : WriterReply;

    /// <summary>It cannot be decided from memory: read the assignment and queue again.</summary>
    /// <param name="Overtaken">It was decided and not written, because its rows are not as they were thought to be.</param>
    public sealed record LookFirst(bool Overtaken = false) : WriterReply;
}
