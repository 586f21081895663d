using Assignments;
using Assignments.Storage;
using Assignments.Verification;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Data.Tables;
using Microsoft.Extensions.DependencyInjection;
using Testing;
using Xunit;

namespace Admin.Tests;

public sealed class UserTests(AzuriteFixture azurite) : IDisposable
{
    private readonly Provisioning _there = new(azurite);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _there.Dispose();

    [Fact]
    public async Task Users_are_listed_by_id_and_found_by_address()
    {
        await _there.PlatformAsync("acme");
        await _there.UserAsync("ada", "ada@example.org");
        await _there.UserAsync("bob");

        const string Ada = """{"id":1,"platform_key":"acme","username":"ada","email":"ada@example.org"}""";
        Assert.Equal(
            $$"""[{{Ada}},{"id":2,"platform_key":"acme","username":"bob","email":null}]""" + "\n",
            await _there.DoneAsync("user", "list", "acme", "--json"));
        Assert.Equal($"[{Ada}]\n", await _there.DoneAsync("user", "list", "acme", "--email", "ADA@example.org", "--json"));
        Assert.Contains("1   ada        ada@example.org", await _there.DoneAsync("user", "list", "acme"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_and_an_address_are_changed_and_a_taken_address_is_refused()
    {
        await AdaWithASeatAsync();
        await _there.UserAsync("bob", "bob@example.org");

        Assert.Equal(
            """{"id":1,"platform_key":"acme","username":"lovelace","email":"Ada@example.com"}""" + "\n",
            await _there.DoneAsync("user", "update", "acme", "ada@example.org", "--email", "Ada@example.com", "--username", "lovelace", "--json"));
        Assert.Equal((false, true), (await CheckAsync("ada@example.org"), await CheckAsync("ada@example.com")));
        Assert.Equal(
            new AdminResult(1, "", "Another user of platform acme has this e-mail address: give another.\n"),
            await _there.RunAsync("user", "update", "acme", "1", "--email", "bob@example.org"));
        Assert.Equal(
            """{"id":1,"platform_key":"acme","username":"lovelace","email":null}""" + "\n",
            await _there.DoneAsync("user", "update", "acme", "1", "--email", "none", "--json"));
        Assert.False(await CheckAsync("ada@example.com"));
        Assert.Equal(
            new AdminResult(1, "", "Platform acme has no such user: check the id or e-mail address, or add the user with 'user add'.\n"),
            await _there.RunAsync("user", "update", "acme", "ada@example.com", "--username", "x"));
        await CleanAsync();
    }

    [Fact]
    public async Task While_an_address_moves_the_check_never_misses_the_one_that_the_user_has()
    {
        await AdaWithASeatAsync();
        List<(bool Old, bool New, string? Address)> seen = [];
        AfterWrites watch = new(async () => seen.Add((
            await CheckAsync("ada@example.org"),
            await CheckAsync("ada@example.com"),
            (await _there.Get<UserStore>().FindAsync("acme", 1, Cancellation))?.Email?.Text)));
        await using LocalHostServer watched = await WithAsync(watch);
        watch.Begin();

        await UpdateAsync(watched, "ada@example.com");

        Assert.Equal(
            [(true, true, "ada@example.org"), (true, true, "ada@example.com"), (false, true, "ada@example.com")],
            seen);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_move_that_broke_off_is_completed_by_the_same_call_made_again(int writes)
    {
        await AdaWithASeatAsync();
        int done = 0;
        AfterWrites breaking = new(() => ++done == writes ? throw new IOException("Broken off.") : Task.CompletedTask);
        await using LocalHostServer broken = await WithAsync(breaking);
        breaking.Begin();
        await Assert.ThrowsAsync<IOException>(() => UpdateAsync(broken, "ada@example.com"));

        await _there.DoneAsync("user", "update", "acme", "1", "--email", "ada@example.com");

        Assert.Equal((false, true), (await CheckAsync("ada@example.org"), await CheckAsync("ada@example.com")));
        await CleanAsync();
    }

    [Fact]
    public async Task A_user_with_assignments_is_removed_with_them_only_when_told_so()
    {
        await AdaWithASeatAsync();

        Assert.Equal(
            new AdminResult(1, "", "User 1 has 1 assignment: remove them first, or give --with-assignments.\n"),
            await _there.RunAsync("user", "remove", "acme", "ada@example.org", "--yes"));
        Assert.Equal(
            """{"id":1,"platform_key":"acme","assignments_removed":[1]}""" + "\n",
            await _there.DoneAsync("user", "remove", "acme", "ada@example.org", "--with-assignments", "--yes", "--json"));

        Assert.False(await CheckAsync("ada@example.org"));
        Assert.Equal(0, (await _there.Get<LicenseStore>().FindAsync("acme", 1, Cancellation))!.SeatsUsed);
        Assert.Equal(
            new AdminResult(1, "", "Platform acme has no such user: check the id or e-mail address, or add the user with 'user add'.\n"),
            await _there.RunAsync("user", "remove", "acme", "1", "--yes"));
        await CleanAsync();
    }

    [Fact]
    public async Task A_group_of_users_that_broke_off_is_completed_and_an_id_in_use_is_refused_alone()
    {
        await _there.PlatformAsync("acme");
        await _there.UserAsync("ada", "ada@example.org");
        NewUser[] group = [New("bob", 7), New("eve"), New("fay")];
        AfterWrites breaking = new(() => throw new IOException("Broken off."));
        await using LocalHostServer broken = await WithAsync(breaking);
        breaking.Begin();
        await Assert.ThrowsAnyAsync<Exception>(() => broken.Services.GetRequiredService<UserStore>().AddGroupAsync("acme", group, Cancellation));

        IReadOnlyList<AddUserOutcome> outcomes = await _there.Get<UserStore>().AddGroupAsync("acme", [.. group, New("gus", 1)], Cancellation);

        Assert.Equal(
            ["bob", "eve", "fay", "taken"],
            outcomes.Select(outcome => outcome is AddUserOutcome.Added(var user) ? user.Username : "taken"));
        Assert.IsType<AddUserOutcome.IdTaken>(outcomes[3]);
        Assert.Equal(4, await _there.Get<UserStore>().OfPlatformAsync("acme", Cancellation).CountAsync(Cancellation));
        await CleanAsync();
    }

    private static NewUser New(string name, long? id = null) => new(id, name, Address($"{name}@example.org"));

    private async Task AdaWithASeatAsync()
    {
        await _there.PlatformAsync("acme");
        await _there.LicenseAsync("Algebra");
        await _there.UserAsync("ada", "ada@example.org");
        await _there.PutAsync(user: 1, license: 1);
    }

    private Task<bool> CheckAsync(string address) => _there.Get<AssignmentService>().CheckAsync(Address(address), Cancellation);

    private static Task<UpdateUserOutcome> UpdateAsync(LocalHostServer server, string address) =>
        server.Services.GetRequiredService<UserStore>().UpdateAsync("acme", 1, user => user with { Email = Address(address) }, Cancellation);

    private Task<LocalHostServer> WithAsync(AfterWrites policy) => _there.StartServerAsync(services =>
        services.AddOptions<TableClientOptions>().Configure(options => options.AddPolicy(policy, HttpPipelinePosition.PerCall)));

    private async Task CleanAsync() => Assert.Empty(
        (await _there.Get<Verifier>().VerifyAsync("acme", repair: false, progress: null, Cancellation)).Violations);

    private static EmailAddress Address(string text)
    {
        Assert.True(EmailAddress.TryParse(text, out EmailAddress? address));
        return address;
    }

    /// <summary>Does something after each write, from <see cref="Begin"/> on.</summary>
    private sealed class AfterWrites(Func<Task> act) : HttpPipelinePolicy
    {
        private bool _begun;

        public void Begin() => _begun = true;

        public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
        {
            await ProcessNextAsync(message, pipeline);
            // A row that exists already is no write.
            if (_begun && message.Request.Method != RequestMethod.Get && message.Response.Status < 400)
            {
                await act();
            }
        }

        public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) =>
            ProcessNext(message, pipeline);
    }
}
