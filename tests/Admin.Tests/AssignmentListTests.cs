using Licensing.Assignments;
using TestSupport;
using Xunit;

namespace Admin.Tests;

public sealed class AssignmentListTests(AzuriteFixture azurite) : IDisposable
{
    private const string AdaAlgebra =
        """{"id":11,"user_id":1,"username":"[ada]","email":"ada@example.org","license_id":1,"active":true,"fulfilled":false,"metadata":{"course":"α<β","n":1.50},"created":null,"changed":null,"by":null}""";

    private const string AdaBotany =
        """{"id":12,"user_id":1,"username":"[ada]","email":"ada@example.org","license_id":2,"active":false,"fulfilled":true,"metadata":{},"created":null,"changed":null,"by":null}""";

    private const string BobAlgebra =
        """{"id":13,"user_id":2,"username":"bob","email":null,"license_id":1,"active":true,"fulfilled":true,"metadata":{},"created":null,"changed":null,"by":null}""";

    private readonly Provisioning _there = new(azurite);

    public void Dispose() => _there.Dispose();

    [Fact]
    public async Task Json_lists_all_assignments_by_user_with_their_stored_metadata()
    {
        await ThreeAssignmentsAsync();

        Assert.Equal($"[{AdaAlgebra},{AdaBotany},{BobAlgebra}]\n", await _there.DoneAsync("assignment", "list", "acme", "--json"));
    }

    [Fact]
    public async Task The_list_can_be_filtered_by_license_and_address()
    {
        await ThreeAssignmentsAsync();

        Assert.Equal($"[{AdaAlgebra},{BobAlgebra}]\n", await _there.DoneAsync("assignment", "list", "acme", "--license", "1", "--json"));
        Assert.Equal($"[{AdaAlgebra},{AdaBotany}]\n", await _there.DoneAsync("assignment", "list", "acme", "--email", "ADA@example.org", "--json"));
        Assert.Equal($"[{AdaBotany}]\n", await _there.DoneAsync("assignment", "list", "acme", "--email", "ada@example.org", "--license", "2", "--json"));
    }

    [Fact]
    public async Task Piped_output_is_a_table_without_color_codes()
    {
        await ThreeAssignmentsAsync();

        string output = await _there.DoneAsync("assignment", "list", "acme");

        Assert.DoesNotContain('\e', output);
        string[][] rows = [.. output
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split([' ', '|', '│'], StringSplitOptions.RemoveEmptyEntries))
            .Where(cells => cells.Length > 1)];
        Assert.Equal(["id", "user", "username", "e-mail", "license", "active", "fulfilled", "created", "changed", "by"], rows[0]);
        Assert.Equal(["11", "1", "[ada]", "ada@example.org", "1", "yes", "no"], rows[1]);
        Assert.Equal(["12", "1", "[ada]", "ada@example.org", "2", "no", "yes"], rows[2]);
        Assert.Equal(["13", "2", "bob", "1", "yes", "yes"], rows[3]);
    }

    [Fact]
    public async Task A_platform_without_assignments_has_an_empty_list()
    {
        await _there.PlatformAsync("acme");

        Assert.Equal("[]\n", await _there.DoneAsync("assignment", "list", "acme", "--json"));
        Assert.Equal("No assignments.\n", await _there.DoneAsync("assignment", "list", "acme"));
    }

    [Theory]
    [InlineData(new[] { "list", "beta" }, "Platform beta does not exist: create it with 'platform create', or check its spelling.")]
    [InlineData(new[] { "list", "acme", "--license", "9" }, "License 9 does not exist on platform acme: check its id.")]
    [InlineData(
        new[] { "list", "acme", "--email", "nobody@example.org" },
        "Platform acme has no such user: check the id or e-mail address, or add the user with 'user add'.")]
    public async Task An_unknown_platform_license_or_user_is_rejected(string[] arguments, string sentence)
    {
        await _there.PlatformAsync("acme");

        AdminResult result = await _there.RunAsync(["assignment", .. arguments, "--json"]);

        Assert.Equal(new AdminResult(1, "", sentence + "\n"), result);
    }

    private async Task ThreeAssignmentsAsync()
    {
        await _there.PlatformAsync("acme");
        await _there.LicenseAsync("Algebra");
        await _there.LicenseAsync("Botany");
        await _there.UserAsync("[ada]", "ada@example.org");
        await _there.UserAsync("bob");
        await AssignAsync(11, 1, 1, new AssignmentState(Active: true, Fulfilled: false, """{"course":"α<β","n":1.50}"""));
        await AssignAsync(12, 1, 2, new AssignmentState(Active: false, Fulfilled: true, "{}"));
        await AssignAsync(13, 2, 1, new AssignmentState(Active: true, Fulfilled: true, "{}"));
    }

    private Task AssignAsync(long id, long user, long license, AssignmentState state) =>
        _there.AssignAsync(new Assignment("acme", id, user, license, state, Version: 1));
}
