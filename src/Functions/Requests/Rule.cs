using Licensing.Users;

namespace Functions.Requests;

/// <summary>Rules used in several places, each as the end of a sentence.</summary>
internal static class Rule
{
    public const string Required = "is required";
    public const string Once = "must not be repeated";
    public const string Integer = "must be a 64-bit integer";
    public const string Boolean = "must be true or false";
    public const string Object = "must be a JSON object";

    /// <param name="text">The invalid address.</param>
    /// <param name="urlEncoded">Whether a plus sign in the source means a space.</param>
    public static string Email(string text, bool urlEncoded) =>
        urlEncoded && EmailAddress.TryParse(text.Trim().Replace(' ', '+'), out _)
            ? "must be an e-mail address; send a plus sign as %2B"
            : "must be an e-mail address";
}
