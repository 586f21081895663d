namespace Licensing.Verification;

/// <summary>Words that agree with a number in a message.</summary>
public static class Plural
{
    /// <summary>Returns the noun after a number: 1 seat, 2 seats.</summary>
    /// <param name="count">The number.</param>
    /// <param name="one">The singular of a noun whose plural ends in s.</param>
    public static string For(long count, string one) => For(count, one, one + "s");

    /// <summary>Returns one of two words: 1 is, 2 are.</summary>
    /// <param name="count">The number.</param>
    /// <param name="one">The word after 1.</param>
    /// <param name="other">The word after any other number.</param>
    public static string For(long count, string one, string other) => count == 1 ? one : other;
}
