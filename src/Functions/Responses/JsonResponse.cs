using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace Functions.Responses;

/// <summary>A 200 with a JSON body.</summary>
internal sealed record JsonResponse<T>(T Value, JsonTypeInfo<T> Type) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.StatusCode = StatusCodes.Status200OK;
        return httpContext.Response.WriteWholeAsync(Value, Type, "application/json; charset=utf-8");
    }
}
