namespace Licensing.Commit;

/// <summary>An allotment that this instance has taken.</summary>
/// <param name="Size">The most seats to set aside next.</param>
internal sealed record OwnAllotment(string Name, int Size)
{
    public const int FirstSize = 64;
    private const int LargestSize = 1_000;

    /// <summary>Doubled each time seats are set aside, so that the license row of a hot license is rarely written.</summary>
    public OwnAllotment Larger => this with { Size = Math.Min(2 * Size, LargestSize) };
}
