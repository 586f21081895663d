using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Data.Tables;
using Licensing;
using Licensing.Commit;
using Licensing.Licenses;
using Licensing.Storage;
using Licensing.Users;
using Licensing.Verification;
using Microsoft.Extensions.DependencyInjection;
using TestSupport;
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
    public async Task Update_changes_name_and_address_and_rejects_an_address_in_use()
    {
        await AdaWithASeatAsync();
        await _there.UserAsync("bob", "bob@example.org");

        Assert.Equal(
            """{"id":1,"platform_key":"acme","username":"lovelace","email":"Ada@example.com"}""" + "\n",
            await _there.DoneAsync("user", "update", "acme", "ada@example.org", "--email", "Ada@example.com", "--username", "lovelace", "--json"));
        Assert.Equal((false, true), (await CheckAsync("ada@example.org"), await CheckAsync("ada@example.com")));
        Assert.Equal(
            new AdminResult(1, "", "Another user of platform acme has this e-mail address: pass another one.\n"),
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
    public async Task During_an_address_change_the_check_finds_only_the_users_current_address()
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

        Assert.Equal([(true, false, "ada@example.org"), (false, true, "ada@example.com")], seen.Distinct());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task An_interrupted_address_change_is_completed_by_repeating_it(int writes)
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
    public async Task Removing_a_user_with_assignments_must_be_explicit()
    {
        await AdaWithASeatAsync();

        Assert.Equal(
            new AdminResult(1, "", "User 1 has 1 assignment: remove it first, or pass --with-assignments.\n"),
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
    public async Task An_interrupted_group_of_users_is_completed_and_only_the_id_in_use_is_rejected()
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

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    public async Task An_address_finds_no_user_before_its_row_exists_despite_explicit_ids(int writes)
    {
        await AddUsersWithExplicitIdsAsync(20);
        List<AssignmentOutcome> seen = [];
        int done = 0;
        AfterWrites breaking = new(async () =>
        {
            seen.Add(await PutAsync("new@example.org"));
            if (++done == writes)
            {
                throw new IOException("Broken off.");
            }
        });
        await using LocalHostServer broken = await WithAsync(breaking);
        breaking.Begin();
        await Assert.ThrowsAsync<IOException>(() => AddAsync(broken, "new@example.org"));
        seen.Add(await PutAsync("new@example.org"));

        await _there.RunAsync("user", "add", "acme", "--username", "new", "--email", "new@example.org");

        seen.Add(await PutAsync("new@example.org"));
        Assert.IsType<AssignmentOutcome.Saved>(seen[^1]);
        Assert.All(seen, outcome => Assert.True(outcome is AssignmentOutcome.UserNotFound or AssignmentOutcome.Saved { User.Username: "new" }));
        await CleanAsync();
    }

    [Fact]
    public async Task Verify_repairs_an_interrupted_addition_without_creating_a_user()
    {
        await AddUsersWithExplicitIdsAsync(0);
        // The first write leases the ids.
        int done = 0;
        AfterWrites breaking = new(() => ++done > 1 ? throw new IOException("Broken off.") : Task.CompletedTask);
        await using LocalHostServer broken = await WithAsync(breaking);
        breaking.Begin();
        NewUser[] group = [New("eve"), New("fay")];
        await Assert.ThrowsAnyAsync<Exception>(() => broken.Services.GetRequiredService<UserStore>().AddGroupAsync("acme", group, Cancellation));

        VerificationReport found = await VerifyAsync(repair: true);

        Assert.Contains(found.Violations, violation => violation.Code == ViolationCode.DirectoryDiffers);
        await CleanAsync();
        Assert.Empty(await UsersAsync());
    }

    [Fact]
    public async Task A_free_id_after_a_thousand_explicit_ones_is_found_in_a_few_calls()
    {
        await AddUsersWithExplicitIdsAsync(1_000);
        AfterWrites calls = new(() => Task.CompletedTask);
        await using LocalHostServer counted = await WithAsync(calls);
        calls.Begin();

        Assert.Equal(1_001, Assert.IsType<AddUserOutcome.Added>(await AddAsync(counted, "new@example.org")).User.Id);

        Assert.InRange(calls.Calls, 1, 20);
        await CleanAsync();
    }

    [Fact]
    public async Task Explicit_ids_advance_the_sequence()
    {
        await _there.PlatformAsync("acme");
        await _there.DoneAsync("user", "add", "acme", "--username", "ada", "--id", "1000");
        await _there.DoneAsync("user", "add", "acme", "--username", "far", "--id", "9223372036854775807");
        await _there.DoneAsync("license", "create", "acme", "--name", "Algebra", "--seats", "unlimited", "--id", "40");

        Assert.StartsWith("""{"id":1001,""", await _there.DoneAsync("user", "add", "acme", "--username", "bob", "--json"), StringComparison.Ordinal);
        Assert.StartsWith("""{"id":41,""", await _there.DoneAsync("license", "create", "acme", "--name", "Logic", "--seats", "unlimited", "--json"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Exactly_one_of_many_concurrent_adds_of_an_address_succeeds()
    {
        await AddUsersWithExplicitIdsAsync(5);
        UserStore users = _there.Get<UserStore>();

        AddUserOutcome[] outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(i =>
            users.AddAsync("acme", i % 4 == 3 ? 50 + i : null, "new", Address("new@example.org"), Cancellation)));

        User added = Assert.Single(outcomes.OfType<AddUserOutcome.Added>()).User;
        Assert.Equal(added, await users.FindAsync("acme", Address("new@example.org"), Cancellation));
        Assert.Equal(6, (await UsersAsync()).Count);
        await CleanAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_update_during_a_removal_does_not_recreate_the_user(bool repair)
    {
        await AdaWithASeatAsync();
        await _there.Get<AssignmentService>().DeleteAsync(new DeleteAssignment("acme", 1, 1, "k1", Guid.NewGuid()), Cancellation);
        User ada = (await _there.Get<UserStore>().FindAsync("acme", 1, Cancellation))!;
        bool removed = false;
        AfterWrites removing = new(async () =>
        {
            if (!removed)
            {
                removed = true;
                await _there.Get<UserStore>().RemoveAsync(ada, Cancellation);
            }
        });
        await using LocalHostServer slow = await WithAsync(removing);
        removing.Begin();

        Assert.IsType<UpdateUserOutcome.NotFound>(await UpdateAsync(slow, "ada@example.com"));

        if (repair)
        {
            await VerifyAsync(repair: true);
        }

        Assert.Empty(await UsersAsync());
        await CleanAsync();
        foreach (string address in new[] { "ada@example.com", "ada@example.org" })
        {
            Assert.NotEqual(1, Assert.IsType<AddUserOutcome.Added>(await AddAsync(slow, address)).User.Id);
        }
    }

    /// <summary>Users whose ids were chosen by hand, in a version that did not advance the sequence.</summary>
    private async Task AddUsersWithExplicitIdsAsync(int count)
    {
        await _there.PlatformAsync("acme");
        await _there.LicenseAsync("Algebra");
        Tables tables = _there.Get<Tables>();
        foreach (long[] ids in Enumerable.Range(1, count).Select(id => (long)id).Chunk(100))
        {
            await tables.Assignments.SubmitTransactionAsync(
                ids.Select(id => new TableTransactionAction(
                    TableTransactionActionType.Add, UserRows.ToEntity(new User("acme", id, $"u{id}", Email: null)))),
                Cancellation);
        }
    }

    private static Task<AddUserOutcome> AddAsync(LocalHostServer server, string address) =>
        server.Services.GetRequiredService<UserStore>().AddAsync("acme", id: null, "new", Address(address), Cancellation);

    private Task<AssignmentOutcome> PutAsync(string address) => _there.Get<AssignmentService>().PutAsync(
        new PutAssignment("acme", 1, UserId: null, Address(address), Active: true, Fulfilled: false, Metadata: null, "k1", Guid.NewGuid()), Cancellation);

    private Task<List<User>> UsersAsync() => _there.Get<UserStore>().OfPlatformAsync("acme", Cancellation).ToListAsync(Cancellation).AsTask();

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

    private async Task CleanAsync() => Assert.Empty((await VerifyAsync(repair: false)).Violations);

    private Task<VerificationReport> VerifyAsync(bool repair) =>
        _there.Get<Verifier>().VerifyAsync("acme", repair, progress: null, Cancellation);

    private static EmailAddress Address(string text)
    {
        Assert.True(EmailAddress.TryParse(text, out EmailAddress? address));
        return address;
    }

    /// <summary>Runs something after each write once <see cref="Begin"/> was called.</summary>
    private sealed class AfterWrites(Func<Task> act) : HttpPipelinePolicy
    {
        private bool _begun;

        /// <summary>Reads and writes since <see cref="Begin"/>.</summary>
        public int Calls { get; private set; }

        public void Begin() => _begun = true;

        public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
        {
            await ProcessNextAsync(message, pipeline);
            Calls += _begun ? 1 : 0;
            // A row that already exists is not written.
            if (_begun && message.Request.Method != RequestMethod.Get && message.Response.Status < 400)
            {
                await act();
            }
        }

        public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) =>
            ProcessNext(message, pipeline);
    }
}
