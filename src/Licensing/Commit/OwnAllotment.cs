namespace Licensing.Commit;

/// <summary>An allotment that this instance has taken.</summary>
/// <param name="Size">Seats to set aside next, at most.</param>
internal sealed record OwnAllotment(string Name, int Size)
{
    public const int FirstSize = 64;
    private const int LargestSize = 1_000;

    /// <summary>More each time it was not enough, so that a hot license is seldom asked.</summary>
    public OwnAllotment Larger => this with { Size = Math.Min(2 * Size, LargestSize) };
}
