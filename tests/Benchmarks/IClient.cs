namespace Benchmarks;

/// <summary>
/// The operations to measure, for each caller. They return false if there is nothing left to do.
/// </summary>
internal interface IClient
{
    Task<bool> CreateAsync(int caller, Pairs pairs);

    /// <summary>Changes an assignment this caller made, in a way that moves no seat.</summary>
    Task<bool> UpdateAsync(int caller);

    /// <summary>Deletes the assignment this caller made last.</summary>
    Task<bool> DeleteAsync(int caller);

    /// <summary>Asks whether an address has an assignment: the next one of the users.</summary>
    /// <param name="users">How many have an address; 0 asks for one that nobody has.</param>
    Task<bool> CheckAsync(int caller, int users);
}
