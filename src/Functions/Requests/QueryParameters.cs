using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Functions.Requests;

/// <summary>
/// The parameters of a query by name. Names are case-sensitive, unlike those of ASP.NET Core's own collection, and a
/// repeated parameter is an error.
/// </summary>
internal sealed class QueryParameters
{
    private readonly Dictionary<string, string> _values = [];
    private readonly HashSet<string> _repeated = [];
    private readonly ValidationErrors _errors;

    public QueryParameters(QueryString query, ValidationErrors errors)
    {
        _errors = errors;
        foreach (QueryStringEnumerable.EncodedNameValuePair parameter in new QueryStringEnumerable(query.Value))
        {
            string name = parameter.DecodeName().ToString();
            if (!_values.TryAdd(name, parameter.DecodeValue().ToString()))
            {
                _repeated.Add(name);
            }
        }
    }

    public long? RequiredInteger(string name)
    {
        Require(name);
        return Integer(name);
    }

    public string? RequiredText(string name)
    {
        Require(name);
        return Text(name);
    }

    /// <summary>Returns null if the parameter is missing. If it is not an integer, also adds an error.</summary>
    public long? Integer(string name)
    {
        if (Single(name) is not { } text)
        {
            return null;
        }

        if (Integer64.TryParse(text, out long value))
        {
            return value;
        }

        _errors.AddQuery(name, Rule.Integer);
        return null;
    }

    /// <summary>Returns null if the parameter is missing. If it is empty, also adds an error.</summary>
    public string? Text(string name)
    {
        string? text = Single(name);
        if (text is not { Length: 0 })
        {
            return text;
        }

        _errors.AddQuery(name, "must not be empty");
        return null;
    }

    private void Require(string name)
    {
        if (!_values.ContainsKey(name))
        {
            _errors.AddQuery(name, Rule.Required);
        }
    }

    private string? Single(string name)
    {
        if (!_repeated.Contains(name))
        {
            return _values.GetValueOrDefault(name);
        }

        _errors.AddQuery(name, Rule.Once);
        return null;
    }
}
