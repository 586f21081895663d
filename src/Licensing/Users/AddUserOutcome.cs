namespace Licensing.Users;

/// <summary>The result of adding a user.</summary>
public abstract record AddUserOutcome
{
    private AddUserOutcome()
    {
    }

    /// <summary>The user was added.</summary>
    /// <param name="User">The user with its id.</param>
    public sealed record Added(User User) : AddUserOutcome;

    /// <summary>An identical user already exists, added by an earlier attempt or by another caller.</summary>
    public sealed record AlreadyThere : AddUserOutcome;

    /// <summary>Another user has the requested id; nothing was added.</summary>
    public sealed record IdTaken : AddUserOutcome;

    /// <summary>Another user of the platform has the e-mail address; nothing was added.</summary>
    public sealed record EmailTaken : AddUserOutcome;
}
