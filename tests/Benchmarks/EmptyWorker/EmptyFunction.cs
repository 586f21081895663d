using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EmptyWorker;

/// <summary>Returns 200 for GET, and 401 for POST with as many bytes as the API's problem documents.</summary>
public sealed class EmptyFunction
{
    private readonly Refusal _refusal = new([.. Enumerable.Repeat((byte)'x', 300)]);

    [Function("empty")]
    public Task<IResult> AnswerAsync([HttpTrigger(AuthorizationLevel.Anonymous, "get", "post", Route = "empty")] HttpRequest request) =>
        Task.FromResult(HttpMethods.IsPost(request.Method) ? _refusal : Results.Ok());

    private sealed class Refusal(byte[] problem) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            HttpResponse response = httpContext.Response;
            response.StatusCode = StatusCodes.Status401Unauthorized;
            response.ContentType = "application/problem+json";
            response.ContentLength = problem.Length;
            return response.Body.WriteAsync(problem, 0, problem.Length, httpContext.RequestAborted);
        }
    }
}
