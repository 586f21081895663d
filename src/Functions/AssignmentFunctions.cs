using System.Diagnostics;
using Assignments;
using Functions.Answers;
using Functions.PublicCheck;
using Functions.Requests;
using Functions.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Functions;

/// <summary>The three operations of the API. Each reads its request, has it decided and stored, and words the answer.</summary>
public sealed class AssignmentFunctions(
    UnknownKeyLimit apiKeys, AssignmentService assignments, PublicCheckLimit checks, RequestGuard guard)
{
    [Function("catalog_licenses_user_assignment_create")]
    public Task<IResult> CreateAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "catalog/licenses/user/assignment")] HttpRequest request,
        CancellationToken cancellation) =>
        guard.AnswerAsync("create", request, CreateAnswerAsync, cancellation);

    [Function("catalog_licenses_user_assignment_destroy")]
    public Task<IResult> DestroyAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = "catalog/licenses/user/assignment")] HttpRequest request,
        CancellationToken cancellation) =>
        guard.AnswerAsync("delete", request, DestroyAnswerAsync, cancellation);

    [Function("catalog_licenses_user_assignment_check_retrieve")]
    public Task<IResult> CheckAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "catalog/licenses/user/assignment/check")] HttpRequest request,
        CancellationToken cancellation) =>
        guard.AnswerAsync("check", request, CheckAnswerAsync, cancellation);

    private async Task<IResult> CreateAnswerAsync(HttpRequest request, CancellationToken cancellation)
    {
        (ApiKey? key, Problem? refused) = await AuthenticateAsync(request, cancellation);
        if (key is null)
        {
            return refused ?? Problem.Unauthenticated;
        }

        Faults faults = new();
        string? idempotencyKey = WriteId.ReadKey(request, faults);
        AssignmentQuery query = AssignmentQuery.Read(request.QueryString, withAssignmentId: false, faults);
        (AssignmentBody? body, Problem? problem) = await RequestBody.ReadAsync(request, query, faults, cancellation);
        if (problem is not null)
        {
            return problem;
        }

        if (faults.Any)
        {
            return faults.ToProblem();
        }

        if (!MayUse(key, query.PlatformKey, query.PlatformOrg) || !MayUse(key, body!.PlatformKey, body.PlatformOrg))
        {
            return Problem.PlatformMismatch;
        }

        PutAssignment put = new(
            key.Platform,
            query.LicenseId,
            body.UserId,
            body.Email,
            body.Active,
            body.Fulfilled,
            body.Metadata,
            key.Id,
            WriteId.Of(request, idempotencyKey, key.Platform, "create", query.LicenseId, body.UserId, body.Email?.Normalized, body.Active, body.Fulfilled, body.Metadata));
        return await assignments.PutAsync(put, cancellation) switch
        {
            AssignmentOutcome.Saved saved => Answer(saved),
            AssignmentOutcome.UserMismatch => UserMismatch(faults),
            var outcome => ToProblem(outcome),
        };
    }

    private async Task<IResult> DestroyAnswerAsync(HttpRequest request, CancellationToken cancellation)
    {
        (ApiKey? key, Problem? refused) = await AuthenticateAsync(request, cancellation);
        if (key is null)
        {
            return refused ?? Problem.Unauthenticated;
        }

        Faults faults = new();
        string? idempotencyKey = WriteId.ReadKey(request, faults);
        AssignmentQuery query = AssignmentQuery.Read(request.QueryString, withAssignmentId: true, faults);
        if (faults.Any)
        {
            return faults.ToProblem();
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
        return await assignments.DeleteAsync(delete, cancellation) switch
        {
            AssignmentOutcome.Deleted => Results.Ok(),
            var outcome => ToProblem(outcome),
        };
    }

    private async Task<IResult> CheckAnswerAsync(HttpRequest request, CancellationToken cancellation)
    {
        if (!checks.IsOff && await RefuseCheckAsync(request, cancellation) is { } refused)
        {
            return refused;
        }

        Faults faults = new();
        EmailAddress? email = AssignmentQuery.ReadEmail(request.QueryString, faults);
        if (email is null)
        {
            return faults.ToProblem();
        }

        return await assignments.CheckAsync(email, cancellation)
            ? new JsonAnswer<CheckAnswer>(new CheckAnswer(Active: true), ApiJson.Default.CheckAnswer)
            : Problem.NoActiveAssignment;
    }

    /// <summary>A key that is not valid is as good as none: the check is public.</summary>
    private async Task<Problem?> RefuseCheckAsync(HttpRequest request, CancellationToken cancellation)
    {
        (ApiKey? key, Problem? refused) = await AuthenticateAsync(request, cancellation);
        return key is null && refused is null && checks.WaitOf(request.HttpContext) is { } wait ? Problem.TooManyRequests(wait) : refused;
    }

    /// <summary>The valid key, or neither when there is none; or why none may be tried.</summary>
    private async Task<(ApiKey? Key, Problem? Refused)> AuthenticateAsync(HttpRequest request, CancellationToken cancellation)
    {
        using Activity? activity = RequestTelemetry.StartAuthentication();
        if (ApiKeyHeader.Read(request) is not { } secret)
        {
            return (null, null);
        }

        (ApiKey? key, TimeSpan? wait) = await apiKeys.AuthenticateAsync(request.HttpContext, secret, cancellation);
        return (key, wait is { } left ? Problem.TooManyRequests(left) : null);
    }

    private static bool MayUse(ApiKey key, string? platformKey, string? platformOrg) =>
        (platformKey is null || platformKey == key.Platform) && (platformOrg is null || platformOrg == key.Org);

    private static JsonAnswer<AssignmentAnswer> Answer(AssignmentOutcome.Saved saved)
    {
        (Assignment assignment, User user, License license) = saved;
        return new JsonAnswer<AssignmentAnswer>(
            new AssignmentAnswer(
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
            ApiJson.Default.AssignmentAnswer);
    }

    private static Problem UserMismatch(Faults faults)
    {
        faults.Add(BodyField.UserId, "`user_id` and `email` in the body name different users.");
        return faults.ToProblem();
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
