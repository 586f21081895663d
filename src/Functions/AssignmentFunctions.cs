using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Functions;

public sealed class AssignmentFunctions
{
    private readonly IResult _ok = Results.Ok();

    [Function("catalog_licenses_user_assignment_create")]
    public Task<IResult> CreateAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "catalog/licenses/user/assignment")] HttpRequest request,
        CancellationToken cancellation) => Task.FromResult(_ok);

    [Function("catalog_licenses_user_assignment_destroy")]
    public Task<IResult> DestroyAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = "catalog/licenses/user/assignment")] HttpRequest request,
        CancellationToken cancellation) => Task.FromResult(_ok);

    [Function("catalog_licenses_user_assignment_check_retrieve")]
    public Task<IResult> CheckAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "catalog/licenses/user/assignment/check")] HttpRequest request,
        CancellationToken cancellation) => Task.FromResult(_ok);
}
