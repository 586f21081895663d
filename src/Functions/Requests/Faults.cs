using Functions.Answers;

namespace Functions.Requests;

/// <summary>Gathers what is wrong with a request, field by field, so that its sender learns of all of it at once.</summary>
internal sealed class Faults
{
    private Dictionary<string, List<string>>? _messages;

    public bool Any => _messages is not null;

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
