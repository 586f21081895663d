using System.Diagnostics;
using Functions.PublicCheck;
using Functions.Requests;
using Functions.Responses;
using Functions.Telemetry;
using Licensing;
using Licensing.ApiKeys;
using Licensing.Assignments;
using Licensing.Commit;
using Licensing.Licenses;
using Licensing.Users;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Functions;

/// <summary>The three operations of the API. Each reads its request, calls the service and builds the response.</summary>
public sealed class AssignmentFunctions(
    UnknownKeyLimit apiKeys, AssignmentService assignments, PublicCheckLimit checks, RequestGuard guard)
{
    /// <summary>Assigns the license in the query to the user in the body, or updates the assignment. Returns 200 or a problem document.</summary>
    [Function("catalog_licenses_user_assignment_create")]
    public Task<IResult> CreateAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "catalog/licenses/user/assignment")] HttpRequest request,
        CancellationToken cancellationToken) =>
        guard.RespondAsync("create", request, CreateCoreAsync, cancellationToken);

    /// <summary>Deletes the assignment in the query and frees its seat. Returns 200 or a problem document.</summary>
    [Function("catalog_licenses_user_assignment_destroy")]
    public Task<IResult> DestroyAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = "catalog/licenses/user/assignment")] HttpRequest request,
        CancellationToken cancellationToken) =>
        guard.RespondAsync("delete", request, DestroyCoreAsync, cancellationToken);

    /// <summary>
    /// Checks whether the address in the query has an active assignment on any platform. Needs no API key. Returns 200, or 404
    /// or another problem document.
    /// </summary>
    [Function("catalog_licenses_user_assignment_check_retrieve")]
    public Task<IResult> CheckAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "catalog/licenses/user/assignment/check")] HttpRequest request,
        CancellationToken cancellationToken) =>
        guard.RespondAsync("check", request, CheckCoreAsync, cancellationToken);

    private async Task<IResult> CreateCoreAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        (ApiKey? key, Problem? refused) = await AuthenticateAsync(request, cancellationToken);
        if (key is null)
        {
            return refused ?? Problem.Unauthenticated;
        }

        ValidationErrors errors = new();
        string? idempotencyKey = IdempotencyKeyHeader.Read(request, errors);
        AssignmentQuery query = AssignmentQuery.Read(request.QueryString, withAssignmentId: false, errors);
        (AssignmentBody? body, Problem? problem) = await RequestBody.ReadAsync(request, query, errors, cancellationToken);
        if (problem is not null)
        {
            return problem;
        }

        if (errors.Any)
        {
            return errors.ToProblem();
        }

        if (!MayUse(key, query.PlatformKey, query.PlatformOrg) || !MayUse(key, body!.PlatformKey, body.PlatformOrg))
        {
            return Problem.PlatformMismatch;
        }

        return await assignments.PutAsync(PutOf(request, idempotencyKey, key, query, body), cancellationToken) switch
        {
            AssignmentOutcome.Saved saved => ToResponse(saved),
            AssignmentOutcome.UserMismatch => UserMismatch(errors),
            var outcome => ToProblem(outcome),
        };
    }

    private static PutAssignment PutOf(HttpRequest request, string? idempotencyKey, ApiKey key, AssignmentQuery query, AssignmentBody body) => new(
        key.Platform,
        query.LicenseId,
        body.UserId,
        body.Email,
        body.Active,
        body.Fulfilled,
        body.Metadata,
        key.Id,
        WriteId.Of(request, idempotencyKey, key.Platform, "create", query.LicenseId, body.UserId, body.Email?.Normalized, body.Active, body.Fulfilled, body.Metadata));

    private async Task<IResult> DestroyCoreAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        (ApiKey? key, Problem? refused) = await AuthenticateAsync(request, cancellationToken);
        if (key is null)
        {
            return refused ?? Problem.Unauthenticated;
        }

        ValidationErrors errors = new();
        string? idempotencyKey = IdempotencyKeyHeader.Read(request, errors);
        AssignmentQuery query = AssignmentQuery.Read(request.QueryString, withAssignmentId: true, errors);
        if (errors.Any)
        {
            return errors.ToProblem();
        }

        if (!MayUse(key, query.PlatformKey, query.PlatformOrg))
        {
            return Problem.PlatformMismatch;
        }

        DeleteAssignment delete = new(
            key.Platform,
            query.LicenseId,
            query.AssignmentId,
            key.Id,
            WriteId.Of(request, idempotencyKey, key.Platform, "delete", query.LicenseId, query.AssignmentId));
        return await assignments.DeleteAsync(delete, cancellationToken) switch
        {
            AssignmentOutcome.Deleted => Results.Ok(),
            var outcome => ToProblem(outcome),
        };
    }

    private async Task<IResult> CheckCoreAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (!checks.IsOff && await RefuseCheckAsync(request, cancellationToken) is { } refused)
        {
            return refused;
        }

        ValidationErrors errors = new();
        EmailAddress? email = AssignmentQuery.ReadEmail(request.QueryString, errors);
        if (email is null)
        {
            return errors.ToProblem();
        }

        return await assignments.CheckAsync(email, cancellationToken)
            ? new JsonResponse<CheckResponse>(new CheckResponse(Active: true), ApiJson.Default.CheckResponse)
            : Problem.NoActiveAssignment;
    }

    /// <summary>Limits callers without a valid API key. The check is public, so an invalid key counts as no key.</summary>
    private async Task<Problem?> RefuseCheckAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        (ApiKey? key, Problem? refused) = await AuthenticateAsync(request, cancellationToken);
        return key is null && refused is null && checks.Count(request.HttpContext) is { } wait ? Problem.TooManyRequests(wait) : refused;
    }

    /// <summary>Returns the valid key, or a problem if the client may not try another key, or neither if there is no valid key.</summary>
    private async Task<(ApiKey? Key, Problem? Refused)> AuthenticateAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        using Activity? activity = RequestTelemetry.StartAuthentication();
        if (ApiKeyHeader.Read(request) is not { } secret)
        {
            return (null, null);
        }

        (ApiKey? key, TimeSpan? wait) = await apiKeys.AuthenticateAsync(request.HttpContext, secret, cancellationToken);
        return (key, wait is { } left ? Problem.TooManyRequests(left) : null);
    }

    private static bool MayUse(ApiKey key, string? platformKey, string? platformOrg) =>
        (platformKey is null || platformKey == key.Platform) && (platformOrg is null || platformOrg == key.Org);

    private static JsonResponse<AssignmentResponse> ToResponse(AssignmentOutcome.Saved saved)
    {
        (Assignment assignment, User user, License license) = saved;
        return new JsonResponse<AssignmentResponse>(
            new AssignmentResponse(
                assignment.Id,
                assignment.UserId,
                user.Username,
                user.Email?.Text,
                assignment.State.Active,
                assignment.State.Fulfilled,
                license.RedirectTo?.OriginalString,
                assignment.State.Metadata,
                assignment.LicenseId,
                license.Name,
                assignment.Platform),
            ApiJson.Default.AssignmentResponse);
    }

    private static Problem UserMismatch(ValidationErrors errors)
    {
        errors.Add(BodyField.UserId, "`user_id` and `email` in the body name different users.");
        return errors.ToProblem();
    }

    private static Problem ToProblem(AssignmentOutcome outcome) => outcome switch
    {
        AssignmentOutcome.PlatformSuspended => Problem.PlatformSuspended,
        AssignmentOutcome.LicenseNotFound => Problem.LicenseNotFound,
        AssignmentOutcome.UserNotFound => Problem.UserNotFound,
        AssignmentOutcome.AssignmentNotFound => Problem.AssignmentNotFound,
        AssignmentOutcome.Refused(var refusal, var license) => refusal switch
        {
            Refusal.SeatsExhausted => Problem.SeatsExhausted(license),
            Refusal.LicenseInactive => Problem.LicenseInactive,
            Refusal.LicenseNotStarted => Problem.LicenseNotStarted,
            Refusal.LicenseExpired => Problem.LicenseExpired,
            _ => throw new ArgumentOutOfRangeException(nameof(outcome)),
        },
        _ => throw new ArgumentOutOfRangeException(nameof(outcome)),
    };
}
