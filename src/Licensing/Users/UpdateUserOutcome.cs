namespace Licensing.Users;

/// <summary>The result of changing a user.</summary>
public abstract record UpdateUserOutcome
{
    private UpdateUserOutcome()
    {
    }

    /// <summary>The user is stored as requested.</summary>
    /// <param name="User">The changed user.</param>
    public sealed record Updated(User User) : UpdateUserOutcome;

    /// <summary>The platform has no user with this id.</summary>
    public sealed record NotFound : UpdateUserOutcome;

    /// <summary>Another user of the platform has the e-mail address; nothing was changed.</summary>
    public sealed record EmailTaken : UpdateUserOutcome;
}
