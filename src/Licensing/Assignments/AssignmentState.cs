namespace Licensing.Assignments;

/// <summary>The part of an assignment that clients set.</summary>
/// <param name="Active">When true, the assignment uses one seat of the license.</param>
/// <param name="Fulfilled">Set and read by clients only; no rule depends on it.</param>
/// <param name="Metadata">A JSON object as compact text.</param>
public sealed record AssignmentState(bool Active, bool Fulfilled, string Metadata)
{
    /// <summary>Seats held: 1 when active, else 0.</summary>
    public int Seats => Active ? 1 : 0;
}
