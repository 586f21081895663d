namespace Admin.Arguments;

/// <summary>The most assignments that a sync may remove: a number, or a percentage of the existing ones.</summary>
internal sealed record RemovalLimit(long Number, bool IsPercent)
{
    public static readonly RemovalLimit Default = new(10, IsPercent: true);

    public bool Allows(int removals, int existing) =>
        IsPercent ? removals * 100L <= Number * existing : removals <= Number;

    public override string ToString() => IsPercent ? $"{Number} %" : $"{Number}";
}
