using System.Collections.Concurrent;
using System.Net;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Data.Tables;
using Licensing.Backups;
using Licensing.Licenses;
using Licensing.Storage;
using Licensing.Users;
using Licensing.Verification;
using Microsoft.Extensions.DependencyInjection;
using TestSupport;
using Xunit;

namespace Functions.Tests;

/// <summary>Several instances serve one license: each sets seats aside for itself, and all promises hold.</summary>
public sealed class AllotmentTests(ApiHost host) : IAsyncLifetime
{
    private readonly Calls _calls = new();
    private LocalHostServer _server = null!;
    private World _here = null!;
    private World _there = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await host.StartAnotherAsync(services =>
            services.AddOptions<TableClientOptions>().Configure(options => options.AddPolicy(_calls, HttpPipelinePosition.PerRetry)));
        _here = await World.CreateAsync(_server, seats: 20, users: 12);
        _there = new World(host.Server, _here.Platform, _here.Key, _here.License, _here.Users);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_license_served_by_one_instance_has_no_allotments()
    {
        await Task.WhenAll(_here.Users.Select(user => _here.AssignAsync(user)));

        Assert.Empty(await AllotmentsAsync());
    }

    [Fact]
    public async Task The_first_create_after_a_lost_race_makes_two_extra_calls_and_later_ones_none()
    {
        await LoseRacesAsync();
        _calls.Seen.Clear();

        await _here.AssignAsync(_here.Users[4]);
        await _there.AssignAsync(_here.Users[5]);
        await _here.AssignAsync(_here.Users[6]);

        Assert.Equal(["transaction", "transaction"], _calls.Seen.Where(call => !call.StartsWith("user", StringComparison.Ordinal)));
        Assert.Equal(2, (await AllotmentsAsync()).Count);
    }

    [Fact]
    public async Task Reported_used_seats_exclude_allotments()
    {
        await LoseRacesAsync();
        LicenseStore licenses = _here.Services.GetRequiredService<LicenseStore>();

        Assert.Equal(4, (await _here.ReadLicenseAsync()).SeatsUsed);
        Assert.Equal(4, (await licenses.OfPlatformAsync(_here.Platform.Key, World.Cancellation).SingleAsync(World.Cancellation)).SeatsUsed);
        Assert.Equal(4, (await licenses.UpdateAsync(_here.Platform.Key, _here.License.Id, license => license with { Seats = 4 }, World.Cancellation))!.SeatsUsed);
        using HttpResponseMessage refused = await _here.PutAsync(_here.Users[11]);
        Assert.Equal((4, 4), Seats(await refused.ProblemAsync(400, "seats_exhausted")));

        static (int, int) Seats(System.Text.Json.Nodes.JsonObject problem) => (problem["seats"]!.GetValue<int>(), problem["seats_used"]!.GetValue<int>());
    }

    [Fact]
    public async Task Seats_that_an_administrator_removed_are_not_given_from_an_allotment()
    {
        await LoseRacesAsync();
        await UpdateAsync(license => license with { Seats = 5 });

        HttpResponseMessage[] answers =
            [await _here.PutAsync(_here.Users[4]), await _there.PutAsync(_here.Users[5]), await _here.PutAsync(_here.Users[6]), await _there.PutAsync(_here.Users[7])];

        Assert.Equal(1, answers.Count(answer => answer.StatusCode == HttpStatusCode.OK));
        Assert.Equal(5, (await _here.ReadLicenseAsync()).SeatsUsed);
        Assert.Empty(await AllotmentsAsync());
    }

    [Fact]
    public async Task A_deactivated_license_gives_no_allotment_seats_and_an_enlarged_one_gives_more()
    {
        await LoseRacesAsync();
        await UpdateAsync(license => license with { Active = false });
        using HttpResponseMessage off = await _here.PutAsync(_here.Users[4]);
        await off.ProblemAsync(400, "license_inactive");

        await UpdateAsync(license => license with { Active = true, Seats = 30 });

        await _here.AssignAsync(_here.Users[4]);
        await _there.AssignAsync(_here.Users[5]);
    }

    [Fact]
    public async Task Other_instances_give_every_seat_of_an_instance_that_is_gone()
    {
        await LoseRacesAsync();
        await UpdateAsync(license => license with { Seats = 12 });
        long setAside = (await AllotmentsAsync()).Sum(row => row.GetInt64("Free")!.Value);
        Assert.InRange(setAside, 2, 8);

        await Task.WhenAll(_here.Users.Skip(4).Select(user => _here.AssignAsync(user)));

        Assert.Equal(12, (await _here.ReadLicenseAsync()).SeatsUsed);
        User extra = await _here.AddUserAsync("extra", email: null);
        using HttpResponseMessage refused = await _here.PutAsync(extra);
        await refused.ProblemAsync(400, "seats_exhausted");
    }

    [Fact]
    public async Task A_seat_freed_in_another_instances_allotment_is_available_here()
    {
        await LoseRacesAsync();
        await UpdateAsync(license => license with { Seats = 4 });
        using HttpResponseMessage refused = await _here.PutAsync(_here.Users[8]);
        await refused.ProblemAsync(400, "seats_exhausted");
        long id = await _there.AssignAsync(_here.Users[3]);
        using HttpResponseMessage deleted = await _there.DeleteAsync(id);
        Assert.Equal(HttpStatusCode.OK, deleted.StatusCode);

        await _here.AssignAsync(_here.Users[8]);
    }

    [Fact]
    public async Task An_instance_returns_its_allotments_on_shutdown()
    {
        LocalHostServer ending = await host.StartAnotherAsync();
        World world = await World.CreateAsync(ending, seats: 20, users: 4);
        World other = new(host.Server, world.Platform, world.Key, world.License, world.Users);
        await world.AssignAsync(world.Users[0]);
        await other.AssignAsync(world.Users[1]);
        await world.AssignAsync(world.Users[2]);
        Assert.Single(await AllotmentsAsync(other));

        await ending.DisposeAsync();

        Assert.Empty(await AllotmentsAsync(other));
        Assert.Equal(3, (await other.ReadLicenseAsync()).SeatsUsed);
        await other.AssignAsync(world.Users[3]);
    }

    [Theory]
    [InlineData("SeatsUsed", 19L, ViolationCode.SeatsUsedWrong)]
    [InlineData("Allotments", 7L, ViolationCode.AllotmentsWrong)]
    [InlineData("Allotments", 0L, ViolationCode.AllotmentsWrong)]
    public async Task A_wrong_seat_count_on_a_license_with_allotments_is_found_and_repaired(string property, long value, string code)
    {
        await LoseRacesAsync();
        Assert.Empty((await VerifyAsync(repair: false)).Violations);
        TableClient table = Table(_here);
        TableEntity row = await table.GetEntityAsync<TableEntity>(_here.Platform.Key, TableKey.License(_here.License.Id), cancellationToken: World.Cancellation);
        row[property] = value;
        await table.UpdateEntityAsync(row, ETag.All, TableUpdateMode.Replace, World.Cancellation);

        Assert.Equal([code], (await VerifyAsync(repair: true)).Violations.Select(violation => violation.Code));

        Assert.Empty((await VerifyAsync(repair: false)).Violations);
        Assert.Equal(4, (await _here.ReadLicenseAsync()).SeatsUsed);
        await _here.AssignAsync(_here.Users[4]);
        await _there.AssignAsync(_here.Users[5]);
        Assert.Empty((await VerifyAsync(repair: false)).Violations);
    }

    [Fact]
    public async Task The_history_names_the_row_that_counted_each_seat()
    {
        await LoseRacesAsync();
        await _here.AssignAsync(_here.Users[4]);

        Licensing.Assignments.AssignmentChange change = await _here.Services.GetRequiredService<Licensing.Assignments.AssignmentStore>()
            .HistoryAsync(_here.Platform.Key, World.Cancellation).SingleAsync(change => change.UserId == _here.Users[4].Id, World.Cancellation);

        Assert.Contains(await AllotmentsAsync(), row => row.RowKey.EndsWith($"-{change.Counter!.Allotment}", StringComparison.Ordinal) && row.GetInt64("Version") == change.Counter.Version);
    }

    [Fact]
    public async Task A_backup_includes_the_allotments()
    {
        await LoseRacesAsync();
        string folder = Path.Combine(Path.GetTempPath(), $"allotments-{Guid.NewGuid():N}");
        await _here.Services.GetRequiredService<TablesBackup>().WriteAsync(folder, World.Cancellation);
        List<TableEntity> before = await AllotmentsAsync();
        foreach (TableEntity row in before)
        {
            await Table(_here).DeleteEntityAsync(row.PartitionKey, row.RowKey, ETag.All, World.Cancellation);
        }

        string[] lines = await File.ReadAllLinesAsync(Path.Combine(folder, "Assignments.jsonl"), World.Cancellation);
        Directory.Delete(folder, recursive: true);

        Assert.All(before, row => Assert.Contains(lines, line => line.Contains(row.RowKey, StringComparison.Ordinal) && line.Contains("\"Free@odata.type\":\"Edm.Int64\"", StringComparison.Ordinal)));
    }

    /// <summary>Gives four users a seat, and each instance an allotment, because each has lost a race.</summary>
    private async Task LoseRacesAsync()
    {
        await _here.AssignAsync(_here.Users[0]);
        await _there.AssignAsync(_here.Users[1]);
        await _here.AssignAsync(_here.Users[2]);
        await _there.AssignAsync(_here.Users[3]);
        Assert.Equal(2, (await AllotmentsAsync()).Count);
    }

    private async Task UpdateAsync(Func<License, License> change) => Assert.NotNull(
        await host.Server.Services.GetRequiredService<LicenseStore>().UpdateAsync(_here.Platform.Key, _here.License.Id, change, World.Cancellation));

    private Task<VerificationReport> VerifyAsync(bool repair) =>
        _here.Services.GetRequiredService<Verifier>().VerifyAsync(_here.Platform.Key, repair, progress: null, World.Cancellation);

    private Task<List<TableEntity>> AllotmentsAsync() => AllotmentsAsync(_here);

    private static async Task<List<TableEntity>> AllotmentsAsync(World world) =>
        await Table(world).QueryAsync(world.Platform.Key, $"{TableKey.License(world.License.Id)}-", World.Cancellation).ToListAsync(World.Cancellation);

    private static TableClient Table(World world) => world.Services.GetRequiredService<Tables>().Assignments;

    /// <summary>The calls of one instance, by subject.</summary>
    private sealed class Calls : HttpPipelineSynchronousPolicy
    {
        public ConcurrentQueue<string> Seen { get; } = new();

        public override void OnSendingRequest(HttpMessage message)
        {
            string path = Uri.UnescapeDataString(message.Request.Uri.ToUri().AbsolutePath);
            string target = path[(path.LastIndexOf('/') + 1)..];
            Seen.Enqueue(target == "$batch" ? "transaction" : target.Contains("RowKey='user-", StringComparison.Ordinal) ? "user" : target);
        }
    }
}
