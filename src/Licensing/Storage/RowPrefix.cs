namespace Licensing.Storage;

/// <summary>The row key prefix of each kind of row in table <c>Assignments</c>.</summary>
internal static class RowPrefix
{
    public const string Assignment = "assignment-";
    public const string Change = "history-";
    public const string License = "license-";
    public const string LicenseChange = "licensechange-";
    public const string Sequence = "sequence-";
    public const string User = "user-";
}
