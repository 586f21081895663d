using Functions.Responses;

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
