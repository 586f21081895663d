namespace Admin.Output;

/// <param name="Seats">The sum over all licenses, which may exceed 64 bits; null if one of them is unlimited.</param>
/// <param name="Pending">Assignments that hold no seat.</param>
/// <param name="LastChanges">Newest first.</param>
internal sealed record PlatformOverviewJson(
    string PlatformKey,
    string? PlatformOrg,
    bool Suspended,
    Int128? Seats,
    Int128 SeatsUsed,
    long Users,
    long Active,
    long Pending,
    IReadOnlyList<LicenseJson> Licenses,
    IReadOnlyList<ApiKeyJson> Keys,
    IReadOnlyList<AssignmentChangeJson> LastChanges);
