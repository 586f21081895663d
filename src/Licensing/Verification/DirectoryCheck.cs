using Azure.Data.Tables;
using Licensing.Storage;
using Licensing.Users;

namespace Licensing.Verification;

/// <summary>Checks whether each user's own row and the directory's row of the same e-mail address agree.</summary>
internal sealed class DirectoryCheck(
    PlatformRows rows, UserStore users, DirectoryRepair repair, TimeProvider time, Findings findings)
{
    /// <summary>A user is written in two steps. Well over the time that the second may take.</summary>
    private static readonly TimeSpan UserSettles = TimeSpan.FromSeconds(12);

    private readonly Pairing _userRows = new();

    /// <summary>Adds a user's own row, to compare it with the directory's.</summary>
    public User AddUser(TableEntity row)
    {
        User user = UserRows.FromEntity(rows.Platform, row);
        if (user.Email is not null)
        {
            _userRows.AddLeft(user.Id, Content(user));
        }
        else if (row.GetString("Email") is not null)
        {
            findings.Add(new Violation(
                rows.Platform,
                ViolationCode.AddressInvalid,
                $"What is stored as the e-mail address of user {user.Id} is not an e-mail address: give the user one with 'user update'.",
                UserId: user.Id));
        }

        return user;
    }

    /// <summary>Call this after every user has been added.</summary>
    public async Task CompareAsync(CancellationToken cancellationToken)
    {
        HashSet<Claim> suspects = await ReadDirectoryAsync(cancellationToken);
        if (_userRows.AllPaired && suspects.Count == 0)
        {
            return;
        }

        await CollectSuspectsAsync(suspects, cancellationToken);
        List<Claim> differing = await DifferingAsync(suspects, cancellationToken);
        if (differing.Count > 0)
        {
            await Task.Delay(UserSettles, time, cancellationToken);
        }

        foreach ((long userId, EmailAddress email) in await DifferingAsync(differing, cancellationToken))
        {
            findings.Add(
                Differs(userId, $"User {userId} and the directory's row of the same address do not agree."),
                cancellationToken => repair.AgreeAsync(userId, email, cancellationToken));
        }
    }

    /// <summary>Adds the directory's rows, to compare them with the users' own rows.</summary>
    /// <returns>The users and addresses of incomplete changes.</returns>
    private async Task<HashSet<Claim>> ReadDirectoryAsync(CancellationToken cancellationToken)
    {
        HashSet<Claim> unsettled = [];
        await foreach (DirectoryEntry entry in rows.ReadDirectoryAsync(cancellationToken))
        {
            EmailAddress? address = entry.User.Email;
            if (address is not null)
            {
                _userRows.AddRight(entry.User.Id, Content(entry.User));
            }

            if (!entry.IsInPlace)
            {
                AddMisplaced(entry);
            }
            else if (entry.State != EntryState.Settled)
            {
                unsettled.Add(new Claim(entry.User.Id, address!));
                findings.AddCleanUp(cancellationToken => repair.CompleteAsync(entry.User.Id, address!, cancellationToken));
            }
        }

        return unsettled;
    }

    /// <summary>Adds every user in a bucket with differences, with the address in either table.</summary>
    private async Task CollectSuspectsAsync(HashSet<Claim> suspects, CancellationToken cancellationToken)
    {
        await foreach (TableEntity entity in rows.ReadAsync(RowPrefix.User, "users that may differ", cancellationToken))
        {
            AddIfSuspect(UserRows.FromEntity(rows.Platform, entity));
        }

        await foreach (DirectoryEntry entry in rows.ReadDirectoryAsync(cancellationToken))
        {
            AddIfSuspect(entry.User);
        }

        void AddIfSuspect(User user)
        {
            if (user.Email is { } email && _userRows.IsSuspect(user.Id))
            {
                suspects.Add(new Claim(user.Id, email));
            }
        }
    }

    private async Task<List<Claim>> DifferingAsync(IReadOnlyCollection<Claim> suspects, CancellationToken cancellationToken)
    {
        List<Claim> differing = [];
        foreach (Claim claim in suspects)
        {
            User? byId = await users.FindAsync(rows.Platform, claim.UserId, cancellationToken);
            User? byEmail = (await users.Directory.FindAsync(rows.Platform, claim.Email, cancellationToken))?.User;
            if (!Agree(claim, byId, byEmail))
            {
                differing.Add(claim);
            }
        }

        return differing;
    }

    /// <summary>Whether the user with this id and the directory's row of this address can both be right.</summary>
    private static bool Agree(Claim claim, User? byId, User? byEmail) =>
        byId?.Email == claim.Email
            ? byEmail?.Id == claim.UserId && Content(byEmail) == Content(byId)
            : byEmail?.Id != claim.UserId;

    private void AddMisplaced(DirectoryEntry entry) => findings.Add(
        Differs(entry.User.Id, $"A row of the directory for user {entry.User.Id} is not where its e-mail address is looked up."),
        cancellationToken => repair.MoveAsync(entry, cancellationToken));

    private Violation Differs(long userId, string detail) =>
        new(rows.Platform, ViolationCode.DirectoryDiffers, detail, UserId: userId);

    private static string Content(User user) => $"{user.Username}\n{user.Email?.Text}";

    /// <summary>A user and an address that the user has according to the user's own row or the directory.</summary>
    private readonly record struct Claim(long UserId, EmailAddress Email);
}
