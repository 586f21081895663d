using Licensing.Platforms;
using Licensing.Users;

namespace Admin.Imports;

/// <summary>Adds batches of users.</summary>
/// <param name="named">Ids that rows of the file ask for; no other user gets one of them.</param>
internal sealed class UserWriter(UserStore users, Platform platform, IReadOnlySet<long> named)
{
    /// <summary>Half of what a transaction allows, so that an interrupted command ends soon.</summary>
    public static readonly BatchLimits Limits = new(Size: 50, AtOnce: 4);

    /// <param name="triedBefore">Whether an earlier attempt, whose reply was lost, may have added them.</param>
    public async Task<IReadOnlyList<RowResult>> AddAsync(IReadOnlyList<NewUser> batch, bool triedBefore)
    {
        IReadOnlyList<AddUserOutcome> outcomes = await users.AddGroupAsync(platform.Key, batch, named, CancellationToken.None);
        List<RowResult> results = [];
        foreach ((NewUser user, AddUserOutcome outcome) in batch.Zip(outcomes))
        {
            results.Add(await ResultAsync(user, outcome, triedBefore));
        }

        return results;
    }

    private async Task<RowResult> ResultAsync(NewUser wanted, AddUserOutcome outcome, bool triedBefore)
    {
        if (outcome is AddUserOutcome.Added)
        {
            return new RowResult.Added();
        }

        if (outcome is AddUserOutcome.AlreadyThere || await ExistsAsync(wanted))
        {
            return triedBefore ? new RowResult.Added() : new RowResult.Existed();
        }

        return new RowResult.Rejected(outcome is AddUserOutcome.IdTaken
            ? "another user was given this id in the meantime"
            : "another user was given this e-mail address in the meantime");
    }

    private async Task<bool> ExistsAsync(NewUser wanted)
    {
        User? found = wanted.Email is { } email
            ? await users.FindAsync(platform.Key, email, CancellationToken.None)
            : await users.FindAsync(platform.Key, wanted.Id!.Value, CancellationToken.None);
        return found is not null
            && (found.Username, found.Email) == (wanted.Username, wanted.Email)
            && (wanted.Id is null || wanted.Id == found.Id);
    }
}
