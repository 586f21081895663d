using Licensing.Commit;
using Licensing.Licenses;
using Xunit;

namespace Licensing.Tests;

/// <summary>The allotments that an instance has taken.</summary>
[Trait("Speed", "Fast")]
public sealed class OwnAllotmentsTests
{
    private readonly OwnAllotments _allotments = new("here");

    [Fact]
    public void An_allotment_is_named_by_license_version_and_instance()
    {
        OwnAllotment next = _allotments.Next(Row(version: 7))!;

        Assert.Equal(("8-here", 64), (next.Name, next.Size));
        Assert.Equal(8, Allotment.LicenseVersionIn(next.Name));
    }

    [Fact]
    public void An_allotment_is_tracked_until_it_is_folded()
    {
        OwnAllotment one = new("8-here", Size: 64);
        OwnAllotment other = new("9-here", Size: 64);

        _allotments.Set("p", 1, one);
        _allotments.Set("p", 2, other);

        Assert.Equal((one, other, null, null), (_allotments.Find("p", 1), _allotments.Find("p", 2), _allotments.Find("p", 3), _allotments.Find("q", 1)));
        Assert.Equal([(("p", 1L), one), (("p", 2L), other)], _allotments.All.Select(each => (each.Key, each.Value)).OrderBy(each => each.Key));
        _allotments.Remove("p", 1);
        Assert.Equal((null, other), (_allotments.Find("p", 1), _allotments.Find("p", 2)));
    }

    [Fact]
    public void An_instance_takes_at_most_ten_thousand_allotments()
    {
        for (int license = 1; license < 10_000; license++)
        {
            _allotments.Set("p", license, new OwnAllotment("8-here", Size: 64));
        }

        Assert.NotNull(_allotments.Next(Row(version: 7)));
        _allotments.Set("p", 10_000, new OwnAllotment("8-here", Size: 64));
        Assert.Null(_allotments.Next(Row(version: 7)));
    }

    [Fact]
    public void Each_refill_doubles_the_size_up_to_a_thousand_seats()
    {
        OwnAllotment own = new("8-here", OwnAllotment.FirstSize);
        List<int> sizes = [];
        for (int refill = 0; refill < 6; refill++)
        {
            sizes.Add(own.Size);
            own = own.Larger;
        }

        Assert.Equal([64, 128, 256, 512, 1_000, 1_000], sizes);
    }

    private static LicenseRow Row(long version) => new(
        "p", 1, "Course", Seats: 5, Active: true, Starts: null, Expires: null, RedirectTo: null, SeatsUsed: 0, Allotments: 0, version);
}
