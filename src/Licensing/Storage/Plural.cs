namespace Licensing.Storage;

/// <summary>The words that agree with a number in a sentence for people. Knows nothing of storage; every layer may use it.</summary>
public static class Plural
{
    /// <summary>The noun that follows a number: 1 seat, 2 seats.</summary>
    /// <param name="count">The number.</param>
    /// <param name="one">The singular, to which an s is added.</param>
    public static string For(long count, string one) => For(count, one, one + "s");

    /// <summary>One of two words, by a number: 1 is, 2 are.</summary>
    /// <param name="count">The number.</param>
    /// <param name="one">For 1.</param>
    /// <param name="other">For 0 and for all others.</param>
    public static string For(long count, string one, string other) => count == 1 ? one : other;
}
