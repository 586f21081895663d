using Licensing.Storage;
using Licensing.Verification;
using Xunit;
using static Licensing.Tests.Verification.StoredPlatform;

namespace Licensing.Tests.Verification;

public sealed class SequenceCheckTests
{
    private const string Advanced = "Set the next assignment id to 3.";

    private static readonly string SequenceKey = TableKey.Sequence(IdKind.Assignment);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_sequence_that_would_reuse_an_id_is_found_and_advanced(long next)
    {
        using StoredPlatform platform = await UsedAsync();
        await platform.EditAsync(SequenceKey, IdSequence.Next, next);

        Assert.Equal([Advanced], await platform.RepairsAsync(Behind(next)));

        Assert.Equal(3, await NextAsync(platform));
    }

    [Fact]
    public async Task A_missing_sequence_is_recreated_past_the_ids_in_use()
    {
        using StoredPlatform platform = await UsedAsync();
        await platform.DeleteAsync(SequenceKey);

        Assert.Equal([Advanced], await platform.RepairsAsync(Behind(1)));

        Assert.Equal(3, await NextAsync(platform));
    }

    [Fact]
    public async Task A_platform_without_assignments_needs_no_sequence()
    {
        using StoredPlatform platform = await StartAsync();

        await platform.FindsAsync();
    }

    [Fact]
    public async Task The_id_of_a_deleted_assignment_is_not_reused()
    {
        using StoredPlatform platform = await UsedAsync();
        await platform.ChangeAsync(id: 2, user: 2, after: null);
        await platform.EditAsync(SequenceKey, IdSequence.Next, 2L);

        Assert.Equal([Advanced], await platform.RepairsAsync(Behind(2)));
    }

    [Fact]
    public async Task A_sequence_advanced_during_its_repair_is_kept()
    {
        using StoredPlatform platform = await UsedAsync();
        await platform.EditAsync(SequenceKey, IdSequence.Next, 1L);
        platform.Before("$batch", () => platform.EditAsync(SequenceKey, IdSequence.Next, 501L));

        Assert.Empty(await platform.RepairsAsync(Behind(1)));

        Assert.Equal(501, await NextAsync(platform));
    }

    [Fact]
    public async Task A_sequence_changed_during_its_repair_is_repaired_again()
    {
        using StoredPlatform platform = await UsedAsync();
        await platform.EditAsync(SequenceKey, IdSequence.Next, 1L);
        platform.Before("$batch", () => platform.EditAsync(SequenceKey, IdSequence.Next, 2L));

        Assert.Equal([Advanced], await platform.RepairsAsync(Behind(1)));

        Assert.Equal(3, await NextAsync(platform));
    }

    /// <summary>A platform with assignments 1 and 2.</summary>
    private static async Task<StoredPlatform> UsedAsync()
    {
        StoredPlatform platform = await StartAsync();
        await platform.ChangeAsync(id: 1, user: 1, Active);
        await platform.ChangeAsync(id: 2, user: 2, Active);
        return platform;
    }

    private static async Task<long?> NextAsync(StoredPlatform platform) => (await platform.FindAsync(SequenceKey))!.GetInt64(IdSequence.Next);

    private static Violation Behind(long next) => new(Key, "sequence_behind", $"The next assignment id would be {next}, and 2 is in use.");
}
