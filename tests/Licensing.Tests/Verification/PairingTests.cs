using Licensing.Verification;
using Xunit;

namespace Licensing.Tests.Verification;

public sealed class PairingTests
{
    [Fact]
    public void Matching_rows_are_not_suspects_in_any_order()
    {
        Pairing pairing = new();
        for (long key = 1; key <= 100; key++)
        {
            pairing.AddLeft(key, $"content {key}");
            pairing.AddRight(101 - key, $"content {101 - key}");
        }

        Assert.True(pairing.AllPaired);
        Assert.DoesNotContain(Keys(100), pairing.IsSuspect);
    }

    [Fact]
    public void A_row_on_only_one_side_is_a_suspect()
    {
        Pairing left = new();
        left.AddLeft(7, "a");
        Pairing right = new();
        right.AddRight(7, "a");

        Assert.False(left.AllPaired);
        Assert.False(right.AllPaired);
        Assert.True(left.IsSuspect(7));
        Assert.True(right.IsSuspect(7));
    }

    [Fact]
    public void Rows_with_different_content_are_suspects_and_few_others_are()
    {
        Pairing pairing = new();
        pairing.AddLeft(7, "a");
        pairing.AddRight(7, "b");

        Assert.True(pairing.IsSuspect(7));
        Assert.False(pairing.AllPaired);
        Assert.InRange(Keys(10_000).Count(pairing.IsSuspect), 1, 10);
    }

    [Fact]
    public void Two_keys_in_a_bucket_with_swapped_content_are_suspects()
    {
        Pairing pairing = new();
        pairing.AddLeft(7, "a");
        long other = Keys(10_000_000).First(key => key != 7 && pairing.IsSuspect(key));

        pairing.AddLeft(other, "b");
        pairing.AddRight(7, "b");
        pairing.AddRight(other, "a");

        Assert.True(pairing.IsSuspect(7));
        Assert.True(pairing.IsSuspect(other));
    }

    private static IEnumerable<long> Keys(int count) => Enumerable.Range(1, count).Select(key => (long)key);
}
