using Licensing;
using Licensing.Commit;
using TestSupport;
using Xunit;

namespace Admin.Tests;

public sealed class AssignmentHistoryTests(AzuriteFixture azurite) : IDisposable
{
    private const string Created =
        """{"at":"2026-05-04T12:00:00+00:00","by":"k1","assignment_id":1,"version":1,"user_id":1,"license_id":1,"before":null,"after":{"active":true,"fulfilled":false,"metadata":{"course":"α"}}}""";

    private const string Updated =
        """{"at":"2026-05-04T12:00:00+00:00","by":"k1","assignment_id":1,"version":2,"user_id":1,"license_id":1,"before":{"active":true,"fulfilled":false,"metadata":{"course":"α"}},"after":{"active":false,"fulfilled":true,"metadata":{"course":"α"}}}""";

    private const string Deleted =
        """{"at":"2026-05-04T12:00:00+00:00","by":"k1","assignment_id":1,"version":3,"user_id":1,"license_id":1,"before":{"active":false,"fulfilled":true,"metadata":{"course":"α"}},"after":null}""";

    private const string OfBob =
        """{"at":"2026-05-04T12:00:00+00:00","by":"k1","assignment_id":2,"version":1,"user_id":2,"license_id":2,"before":null,"after":{"active":true,"fulfilled":false,"metadata":{}}}""";

    private readonly Provisioning _there = new(azurite);

    public void Dispose() => _there.Dispose();

    [Fact]
    public async Task History_shows_who_changed_what_and_when_even_after_a_delete()
    {
        await ChangesAsync();

        Assert.Equal($"[{Created},{Updated},{Deleted}]\n", await _there.DoneAsync("assignment", "history", "acme", "--id", "1", "--json"));
        Assert.Equal($"[{Created},{Updated},{Deleted}]\n", await _there.DoneAsync("assignment", "history", "acme", "--email", "ADA@example.org", "--json"));
        Assert.Equal($"[{OfBob}]\n", await _there.DoneAsync("assignment", "history", "acme", "--license", "2", "--json"));

        string[][] rows = [.. (await _there.DoneAsync("assignment", "history", "acme", "--id", "1"))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split("  ", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            .Where(cells => cells.Length > 1)];
        Assert.Equal(["2026-05-04 12:00:00", "k1", "1", "1", "1", "created", """active {"course":"α"}"""], rows[1]);
        Assert.Equal(["2026-05-04 12:00:00", "k1", "1", "1", "1", """inactive, fulfilled {"course":"α"}""", "deleted"], rows[3]);

        Assert.Equal(
            new AdminResult(1, "", "Platform acme never had an assignment 9: check its id.\n"),
            await _there.RunAsync("assignment", "history", "acme", "--id", "9"));
        Assert.Equal(
            new AdminResult(1, "", "License 9 does not exist on platform acme: check its id.\n"),
            await _there.RunAsync("assignment", "history", "acme", "--license", "9"));
        Assert.Equal(
            new AdminResult(1, "", "Platform acme has no such user: check the id or e-mail address, or add the user with 'user add'.\n"),
            await _there.RunAsync("assignment", "history", "acme", "--email", "nobody@example.org"));
    }

    private async Task ChangesAsync()
    {
        await _there.PlatformAsync("acme");
        await _there.LicenseAsync("Algebra");
        await _there.LicenseAsync("Botany");
        await _there.UserAsync("ada", "ada@example.org");
        await _there.UserAsync("bob");
        await _there.PutAsync(user: 1, license: 1, metadata: """{"course":"α"}""");
        await _there.PutAsync(user: 1, license: 1, active: false, fulfilled: true);
        await _there.Get<AssignmentService>().DeleteAsync(
            new DeleteAssignment("acme", 1, 1, "k1", Guid.NewGuid()), TestContext.Current.CancellationToken);
        await _there.PutAsync(user: 2, license: 2);
    }
}
