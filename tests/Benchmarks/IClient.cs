namespace Benchmarks;

/// <summary>
/// The operations to measure, for each caller. They return false if there is nothing left to do.
/// </summary>
internal interface IClient
{
    Task<bool> CreateAsync(int caller, Pairs pairs);

    /// <summary>Updates an assignment this caller created, without taking or freeing a seat.</summary>
    Task<bool> UpdateAsync(int caller);

    /// <summary>Deletes the assignment this caller created last.</summary>
    Task<bool> DeleteAsync(int caller);

    /// <summary>Checks the address of the next user.</summary>
    /// <param name="users">The number of users with an address; 0 checks an unknown address.</param>
    Task<bool> CheckAsync(int caller, int users);
}
