namespace Functions.Requests;

/// <summary>Names of JSON members and form fields.</summary>
internal static class BodyField
{
    public const string LicenseId = "license_id";
    public const string UserId = "user_id";
    public const string Email = "email";
    public const string PlatformKey = "platform_key";
    public const string PlatformOrg = "platform_org";
    public const string Active = "active";
    public const string Fulfilled = "fulfilled";
    public const string Metadata = "metadata";

    public static bool IsKnown(string name) =>
        name is LicenseId or UserId or Email or PlatformKey or PlatformOrg or Active or Fulfilled or Metadata;
}
