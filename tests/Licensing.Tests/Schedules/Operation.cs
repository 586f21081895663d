using Licensing.Commit;
using Licensing.Licenses;

namespace Licensing.Tests.Schedules;

/// <summary>A request, and what its caller was told.</summary>
internal sealed class Operation(AssignmentRequest request, long user, Instance instance, int began, Task<AssignmentOutcome?> outcome)
{
    public Instance Instance => instance;

    public Task<AssignmentOutcome?> Outcome => outcome;

    /// <summary>The answer must be true at some moment between the request and the answer; when it says that something was written, it was.</summary>
    public void Check(Timeline timeline)
    {
        bool written = timeline.Written.TryGetValue(request.WriteId, out int at);
        Timeline.Require(!written || at > began, $"{this} was written before it was asked for");
        if (!outcome.IsCompletedSuccessfully || outcome.Result is not { } answer)
        {
            // The caller was told 503, or nothing.
            return;
        }

        // Answers are checked in the step in which they are given, so what is in storage now is what was then.
        Timeline.Moment[] moments = [.. timeline.Moments.Skip(began)];
        bool isTrue = (request, answer) switch
        {
            (PutAssignment put, AssignmentOutcome.Saved saved) when written =>
                timeline.Moments[at].Of(user) == Held(put, saved) && saved.Assignment.UserId == user,
            (PutAssignment put, AssignmentOutcome.Saved saved) => moments.Any(moment => moment.Of(user) == Held(put, saved)),
            (PutAssignment, AssignmentOutcome.Refused(var refusal, var license)) =>
                !written && moments.Any(moment => moment.Of(user) is not { Active: true } && Refuses(moment, refusal, license)),
            (DeleteAssignment, AssignmentOutcome.Deleted) when written => timeline.Moments[at].Of(user) is null,
            // A deletion that was given up may have happened, and is then told to who asks again.
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
