using Admin.Arguments;
using Licensing;
using Licensing.Commit;
using Licensing.Storage;
using Licensing.Users;

namespace Admin.Bench;

/// <summary>The service in this process, to measure storage and the service without HTTP and the host.</summary>
internal sealed class ServiceTarget(AssignmentService service, BenchPlatform bench) : IBenchTarget
{
    public Task<BenchAnswer> CreateAsync(long userId) => AnswerAsync(async () =>
        await service.PutAsync(
            AdminRequests.Put(bench.Platform, bench.LicenseId, new UserReference(userId, null), active: true, fulfilled: false), CancellationToken.None) switch
        {
            AssignmentOutcome.Saved saved => new BenchAnswer(Failure: null, saved.Assignment.Id),
            var other => new BenchAnswer(other.GetType().Name),
        });

    public Task<BenchAnswer> CheckAsync(string email) => AnswerAsync(async () =>
        EmailAddress.TryParse(email, out EmailAddress? address) && await service.CheckAsync(address, CancellationToken.None)
            ? BenchAnswer.Succeeded
            : new BenchAnswer("no active assignment"));

    public Task<BenchAnswer> DeleteAsync(long assignmentId) => AnswerAsync(async () =>
        await service.DeleteAsync(
            new DeleteAssignment(bench.Platform.Key, bench.LicenseId, assignmentId, AdminRequests.By, Guid.CreateVersion7()), CancellationToken.None) switch
        {
            AssignmentOutcome.Deleted => BenchAnswer.Succeeded,
            var other => new BenchAnswer(other.GetType().Name),
        });

    public void Dispose()
    {
        // The service belongs to the container.
    }

    private static async Task<BenchAnswer> AnswerAsync(Func<Task<BenchAnswer>> request)
    {
        try
        {
            return await request();
        }
        catch (Exception exception) when (StorageFault.IsTransient(exception))
        {
            return new BenchAnswer("storage did not respond in time");
        }
    }
}
