namespace Licensing.Assignments;

/// <summary>What a lookup by id finds; it outlives the assignment.</summary>
/// <param name="Assignment">The current assignment, or, if it was deleted, its last state with the version of the deletion.</param>
/// <param name="DeletedBy">The write id of the request that deleted it, or null if it exists.</param>
public sealed record AssignmentStanding(Assignment Assignment, Guid? DeletedBy);
