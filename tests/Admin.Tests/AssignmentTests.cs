using Licensing.Assignments;
using TestSupport;
using Xunit;

namespace Admin.Tests;

public sealed class AssignmentTests(AzuriteFixture azurite) : IDisposable
{
    private const string Ada =
        """{"id":1,"user_id":1,"username":"ada","email":"ada@example.org","license_id":1,"active":true,"fulfilled":true,"metadata":{}""";

    private readonly Provisioning _there = new(azurite);

    public void Dispose() => _there.Dispose();

    [Fact]
    public async Task Adding_and_removing_an_assignment_matches_the_API_and_is_recorded_in_the_history()
    {
        await _there.PlatformAsync("acme");
        await _there.LicenseAsync("Algebra", seats: 1);
        await _there.UserAsync("ada", "ada@example.org");
        await _there.UserAsync("bob");

        AssertAda(await _there.DoneAsync("assignment", "add", "acme", "--license", "1", "ada@example.org", "--fulfilled", "--json"));
        Assert.Equal(
            new AdminResult(1, "", "License 1 has no free seat: remove an assignment, or raise --seats with 'license update'.\n"),
            await _there.RunAsync("assignment", "add", "acme", "--license", "1", "2"));
        Assert.Equal(
            new AdminResult(2, "", "This command deletes data and there is no terminal to confirm on: pass --yes.\nSee 'license-admin assignment remove --help'.\n"),
            await _there.RunAsync("assignment", "remove", "acme", "1"));
        AssertAda(await _there.DoneAsync("assignment", "remove", "acme", "1", "--yes", "--json"));
        Assert.Equal(
            new AdminResult(1, "", "Assignment 1 does not exist on platform acme: check its id with 'assignment list'.\n"),
            await _there.RunAsync("assignment", "remove", "acme", "1", "--yes"));
        Assert.StartsWith(
            "Assigned license 1 (Algebra) to user 2 (bob): assignment ",
            await _there.DoneAsync("assignment", "add", "acme", "--license", "1", "2"),
            StringComparison.Ordinal);

        List<AssignmentChange> changes = await _there.Get<AssignmentStore>().HistoryAsync("acme", 1, TestContext.Current.CancellationToken)
            .ToListAsync(TestContext.Current.CancellationToken);
        Assert.Equal(2, changes.Count);
        Assert.All(changes, change => Assert.Equal($"admin:{Environment.UserName}", change.By));
    }

    [Theory]
    [InlineData("9", "1", "License 9 does not exist on platform acme: check its id.")]
    [InlineData("1", "9", "Platform acme has no such user: check the id or e-mail address, or add the user with 'user add'.")]
    public async Task The_license_and_the_user_must_exist(string license, string user, string sentence)
    {
        await _there.PlatformAsync("acme");
        await _there.LicenseAsync("Algebra");
        await _there.UserAsync("ada");

        Assert.Equal(
            new AdminResult(1, "", sentence + "\n"),
            await _there.RunAsync("assignment", "add", "acme", "--license", license, user));
    }

    /// <summary>Checks the times by range, because they depend on the run.</summary>
    private static void AssertAda(string output) => Assert.Matches(
        "^" + System.Text.RegularExpressions.Regex.Escape(Ada) + ",\"created\":\"[-0-9T:.+]+\",\"changed\":\"[-0-9T:.+]+\",\"by\":\"admin:[^\"]+\"}\n$", output);
}
