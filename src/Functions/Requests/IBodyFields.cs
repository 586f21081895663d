namespace Functions.Requests;

/// <summary>
/// The members of a body by name. A member that is omitted, null or of the wrong type is null here; the wrong type also
/// adds a validation error. An empty string counts as null, and so does every empty value in a form.
/// </summary>
internal interface IBodyFields
{
    /// <summary>Whether a plus sign in the body means a space.</summary>
    bool UrlEncoded { get; }

    /// <summary>Whether the member is present and neither null nor an empty form value.</summary>
    bool Has(string name);

    long? Integer(string name);

    string? Text(string name);

    bool? Boolean(string name);

    /// <summary>A JSON object as compact text.</summary>
    string? Object(string name);
}
