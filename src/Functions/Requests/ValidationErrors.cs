using Functions.Responses;
using Licensing.Users;

namespace Functions.Requests;

/// <summary>Collects the validation errors of a request by field, so that the response reports all of them.</summary>
internal sealed class ValidationErrors
{
    private Dictionary<string, List<string>>? _messages;

    public bool Any => _messages is not null;

    public bool Has(string field) => _messages?.ContainsKey(field) == true;

    /// <summary>Adds an error of a query parameter; <paramref name="rule"/> ends the sentence, for example "must not be empty".</summary>
    public void AddQuery(string name, string rule) => Add(name, $"`{name}` in the query {rule}.");

    /// <summary>Adds an error of a body member; <paramref name="rule"/> ends the sentence, for example "is required".</summary>
    public void AddBody(string name, string rule) => Add(name, $"`{name}` in the body {rule}.");

    public void Add(string field, string message)
    {
        _messages ??= [];
        if (!_messages.TryGetValue(field, out List<string>? messages))
        {
            _messages.Add(field, messages = []);
        }

        messages.Add(message);
    }

    public Problem ToProblem() => Problem.InvalidRequest(_messages ?? []);
}

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
