using Licensing.Commit;
using Licensing.Storage;
using Xunit;

namespace Licensing.Tests;

/// <summary>How many may wait for a license.</summary>
[Trait("Speed", "Fast")]
public sealed class PaceTests
{
    private static readonly TimeSpan Tenth = TimeSpan.FromMilliseconds(100);

    [Fact]
    public void Before_anything_was_written_everyone_may_wait() =>
        Assert.True(Pace.Unknown.Allows(ahead: 8_000, Deadlines.Request));

    [Fact]
    public void As_many_may_wait_as_can_be_written_in_half_the_time_they_have()
    {
        Pace pace = Pace.Unknown.After(Tenth, changes: 49, full: true);

        Assert.True(pace.Allows(ahead: 47 * 49, Deadlines.Request));
        Assert.False(pace.Allows(ahead: 49 * 49, Deadlines.Request));
        Assert.False(pace.Allows(ahead: 24 * 49, Deadlines.Request / 2));
    }

    [Fact]
    public void However_slow_storage_is_the_next_group_fills_up()
    {
        Pace slow = Pace.Unknown.After(TimeSpan.FromHours(1), changes: 49, full: true);

        Assert.True(slow.Allows(ahead: 48, Deadlines.Request));
        Assert.InRange(slow.Group, TimeSpan.Zero, Deadlines.StorageTry);
    }

    [Fact]
    public void A_group_that_was_small_because_few_came_says_nothing_of_what_fits_into_one()
    {
        Pace quiet = Pace.Unknown.After(Tenth, changes: 1, full: false);

        Assert.True(quiet.Allows(ahead: 1_000, Deadlines.Request));
    }

    [Fact]
    public void What_was_slow_is_forgotten_with_the_groups_that_follow()
    {
        Pace pace = Pace.Unknown.After(Deadlines.StorageTry, changes: 49, full: true);
        for (int group = 0; group < 20; group++)
        {
            pace = pace.After(Tenth / 10, changes: 49, full: true);
        }

        Assert.True(pace.Allows(ahead: 2_000, Deadlines.Request));
    }
}
