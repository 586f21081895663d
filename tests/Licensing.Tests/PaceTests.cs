using Licensing.Commit;
using Licensing.Storage;
using Xunit;

namespace Licensing.Tests;

/// <summary>How many requests may be queued for a license.</summary>
[Trait("Speed", "Fast")]
public sealed class PaceTests
{
    private static readonly TimeSpan Tenth = TimeSpan.FromMilliseconds(100);

    [Fact]
    public void Any_number_of_requests_may_wait_before_the_first_write() =>
        Assert.True(Pace.Unknown.Allows(ahead: 8_000, Deadlines.Request));

    [Fact]
    public void The_queue_holds_what_can_be_written_in_half_the_remaining_time()
    {
        Pace pace = Pace.Unknown.After(Tenth, changes: 49, full: true);

        Assert.True(pace.Allows(ahead: 48 * 49, Deadlines.Request));
        Assert.False(pace.Allows(ahead: 49 * 49, Deadlines.Request));
        Assert.False(pace.Allows(ahead: 24 * 49, Deadlines.Request / 2));
    }

    [Fact]
    public void The_next_group_may_fill_however_slow_storage_is()
    {
        Pace slow = Pace.Unknown.After(TimeSpan.FromHours(1), changes: 49, full: true);

        Assert.True(slow.Allows(ahead: 48, Deadlines.Request));
        Assert.InRange(slow.Group, TimeSpan.Zero, Deadlines.StorageTry);
    }

    [Fact]
    public void A_partial_group_does_not_change_the_estimated_group_size()
    {
        Pace quiet = Pace.Unknown.After(Tenth, changes: 1, full: false);

        Assert.True(quiet.Allows(ahead: 1_000, Deadlines.Request));
    }

    [Fact]
    public void The_weight_of_a_slow_group_decays()
    {
        Pace pace = Pace.Unknown.After(Deadlines.StorageTry, changes: 49, full: true);
        for (int group = 0; group < 20; group++)
        {
            pace = pace.After(Tenth / 10, changes: 49, full: true);
        }

        Assert.True(pace.Allows(ahead: 2_000, Deadlines.Request));
    }

    [Fact]
    public void One_slow_group_does_not_determine_the_estimate()
    {
        Pace pace = Pace.Unknown.After(Tenth, changes: 49, full: true).After(Deadlines.StorageTry, changes: 49, full: true);

        Assert.InRange(pace.Group, Tenth, Deadlines.StorageTry / 2);
    }

    [Fact]
    public void The_estimated_group_size_follows_the_last_full_groups()
    {
        Pace full = Pace.Unknown;
        Pace quiet = Pace.Unknown;
        for (int group = 0; group < 20; group++)
        {
            full = full.After(TimeSpan.FromHours(1), changes: 33, full: true);
            quiet = quiet.After(TimeSpan.FromHours(1), changes: 1, full: false);
        }

        Assert.Equal((true, false), (full.Allows(ahead: 33, Tenth), full.Allows(ahead: 40, Tenth)));
        Assert.Equal((true, false), (quiet.Allows(ahead: 48, Tenth), quiet.Allows(ahead: 49, Tenth)));
    }
}
