namespace Licensing.Users;

/// <summary>How changing a user ended.</summary>
public abstract record UpdateUserOutcome
{
    private UpdateUserOutcome()
    {
    }

    /// <summary>The user is in storage as asked for, and its address is found.</summary>
    /// <param name="User">As it is now.</param>
    public sealed record Updated(User User) : UpdateUserOutcome;

    /// <summary>The platform has no user of this id.</summary>
    public sealed record NotFound : UpdateUserOutcome;

    /// <summary>Another user of the platform has the address; nothing was changed.</summary>
    public sealed record EmailTaken : UpdateUserOutcome;
}
