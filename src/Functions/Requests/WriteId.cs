using Microsoft.AspNetCore.Http;

namespace Functions.Requests;

/// <summary>Names a request, so that it is recognised when it is delivered twice.</summary>
internal static class WriteId
{
    /// <summary>
    /// The Functions host puts the invocation's id here, and keeps it when it delivers a request again because the
    /// connection to the worker failed.
    /// </summary>
    private const string InvocationHeader = "x-ms-invocation-id";

    public static Guid Of(HttpRequest request) =>
        request.Headers.TryGetValue(InvocationHeader, out var value) && Guid.TryParse(value, out Guid id) ? id : Guid.CreateVersion7();
}
