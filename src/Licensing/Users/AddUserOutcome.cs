namespace Licensing.Users;

/// <summary>How adding a user ended.</summary>
public abstract record AddUserOutcome
{
    private AddUserOutcome()
    {
    }

    /// <summary>The user is in storage, and its address is found.</summary>
    /// <param name="User">With its id.</param>
    public sealed record Added(User User) : AddUserOutcome;

    /// <summary>Exactly this user was added meanwhile, by an earlier try or by another caller.</summary>
    public sealed record AlreadyThere : AddUserOutcome;

    /// <summary>Another user has the id that was asked for; nothing was added.</summary>
    public sealed record IdTaken : AddUserOutcome;

    /// <summary>Another user of the platform has the address; nothing was added.</summary>
    public sealed record EmailTaken : AddUserOutcome;
}
