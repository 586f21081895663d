using Licensing.Commit;
using Licensing.Licenses;

namespace Licensing.Tests.Schedules;

/// <summary>A request and the answer to its caller.</summary>
internal sealed class Operation(AssignmentRequest request, long user, Instance instance, int began, Task<AssignmentOutcome?> outcome)
{
    public Instance Instance => instance;

    public Task<AssignmentOutcome?> Outcome => outcome;

    /// <summary>The answer must be true at some moment between request and answer; a write that it confirms must be in storage.</summary>
    public void Check(Timeline timeline)
    {
        bool written = timeline.Written.TryGetValue(request.WriteId, out int at);
        Timeline.Require(!written || at > began, $"{this} was written before it was asked for");
        if (!outcome.IsCompletedSuccessfully || outcome.Result is not { } answer)
        {
            // The caller got a 503 or nothing.
            return;
        }

        // Answers are checked in the step that gives them, so storage has not changed since.
        Timeline.Moment[] moments = [.. timeline.Moments.Skip(began)];
        bool isTrue = (request, answer) switch
        {
            (PutAssignment put, AssignmentOutcome.Saved saved) when written =>
                timeline.Moments[at].Of(user) == Held(put, saved) && saved.Assignment.UserId == user,
            (PutAssignment put, AssignmentOutcome.Saved saved) => moments.Any(moment => moment.Of(user) == Held(put, saved)),
            (PutAssignment, AssignmentOutcome.Refused(var refusal, var license)) =>
                !written && moments.Any(moment => moment.Of(user) is not { Active: true } && Refuses(moment, refusal, license)),
            (DeleteAssignment, AssignmentOutcome.Deleted) when written => timeline.Moments[at].Of(user) is null,
            // A delete that was given up may have happened; a repeated request then succeeds.
            (DeleteAssignment delete, AssignmentOutcome.Deleted or AssignmentOutcome.AssignmentNotFound) =>
                !written && moments.Any(moment => moment.Of(user)?.Id != delete.AssignmentId),
            _ => false,
        };
        Timeline.Require(isTrue, $"{this} is not true at any moment since it was asked");
    }

    public override string ToString() => $"{request.GetType().Name} of user {user} on {instance.Name}, answered {(outcome.IsCompletedSuccessfully ? outcome.Result : "nothing")}";

    private static Timeline.Held Held(PutAssignment put, AssignmentOutcome.Saved saved) => new(saved.Assignment.Id, put.Active, put.Fulfilled);

    private static bool Refuses(Timeline.Moment moment, Refusal refusal, License license) => refusal == Refusal.SeatsExhausted
        ? moment is { Active: true, IsFull: true } && license.SeatsUsed == moment.Assigned && license.Seats == moment.Seats
        : refusal == Refusal.LicenseInactive && !moment.Active;
}
