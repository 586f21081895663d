using Azure;

namespace Licensing.Users;

/// <summary>Changes and removes users.</summary>
internal sealed class UserChanges(UserRows rows, UserDirectory directory, UserFences fences)
{
    /// <inheritdoc cref="UserStore.UpdateAsync"/>
    /// <remarks>
    /// Lookups find the user by the address in the user's own row and by no other. The old address is released last.
    /// Repeating the call completes an interrupted one.
    /// </remarks>
    public async Task<UpdateUserOutcome> UpdateAsync(
        string platform, long id, Func<User, User> change, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (await rows.FindRowAsync(platform, id, cancellationToken) is not { } row)
            {
                return new UpdateUserOutcome.NotFound();
            }

            User current = UserRows.FromEntity(platform, row);
            User next = change(current);
            if (next == current && next.Email?.Text == row.GetString("Email"))
            {
                return await CompleteUpdateAsync(next, cancellationToken);
            }

            Reservation? kept = null;
            if (next.Email is { } email && email != current.Email
                && (kept = await directory.ReserveAsync(next, email, _ => false, cancellationToken)) is null)
            {
                return new UpdateUserOutcome.EmailTaken();
            }

            if (current.Email is { } left && left != next.Email)
            {
                await directory.MarkLeavingAsync(platform, id, left, cancellationToken);
            }

            if (await rows.TryReplaceAsync(next, row.ETag, cancellationToken) is { } replaced)
            {
                return await FinishUpdateAsync(current, next, kept, replaced, cancellationToken);
            }

            if (kept is not null)
            {
                await directory.WithdrawAsync(kept, cancellationToken);
            }
        }
    }

    /// <inheritdoc cref="UserStore.RemoveAsync"/>
    public async Task RemoveAsync(User user, CancellationToken cancellationToken)
    {
        (string platform, EmailAddress? email) = (user.Platform, user.Email);
        while (await rows.FindRowAsync(platform, user.Id, cancellationToken) is { } row)
        {
            // Use the address in the row: another change may have come in between.
            email = UserRows.FromEntity(platform, row).Email;
            if (email is not null)
            {
                await directory.MarkLeavingAsync(platform, user.Id, email, cancellationToken);
            }

            if (await rows.TryDeleteAsync(row, cancellationToken))
            {
                break;
            }
        }

        if (email is null || !await directory.FreeAsync(platform, user.Id, email, cancellationToken))
        {
            await fences.PlaceAsync(platform, user.Id, cancellationToken);
        }

        // Misplaced rows: a repair would take them for the last copy of a lost user.
        await directory.FreeAllAsync(platform, user.Id, cancellationToken);
    }

    private async Task<UpdateUserOutcome> CompleteUpdateAsync(User user, CancellationToken cancellationToken)
    {
        if (!await directory.CompleteAsync(user, cancellationToken))
        {
            return new UpdateUserOutcome.EmailTaken();
        }

        // An earlier run may have been interrupted here. The old address is no longer known, so release all others.
        await foreach (DirectoryEntry entry in directory.OfPlatformAsync(user.Platform, user.Id, cancellationToken))
        {
            if (entry.User.Email is { } address && address != user.Email)
            {
                await directory.FreeAsync(user.Platform, user.Id, address, cancellationToken);
            }
        }

        return new UpdateUserOutcome.Updated(user);
    }

    private async Task<UpdateUserOutcome> FinishUpdateAsync(
        User before, User user, Reservation? kept, ETag etag, CancellationToken cancellationToken)
    {
        if (kept is null)
        {
            await directory.CompleteAsync(user, cancellationToken);
        }
        else if (!await directory.SettleAsync(kept, cancellationToken))
        {
            await rows.TryReplaceAsync(before, etag, cancellationToken);
            await directory.CompleteAsync(before, cancellationToken);
            return new UpdateUserOutcome.EmailTaken();
        }

        if (before.Email is { } left && left != user.Email)
        {
            await directory.FreeAsync(user.Platform, user.Id, left, cancellationToken);
        }

        return new UpdateUserOutcome.Updated(user);
    }
}
