namespace Admin.Output;

/// <summary>The events of a platform, in order.</summary>
/// <param name="Cursor">The value of <c>--after</c> to continue with.</param>
internal sealed record FeedJson(IReadOnlyList<EventJson> Events, string? Cursor);
