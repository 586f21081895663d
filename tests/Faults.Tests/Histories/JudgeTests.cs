using Xunit;

namespace Faults.Tests.Histories;

/// <summary>The judge finds each kind of violation in the smallest history that has it.</summary>
[Trait("Speed", "Fast")]
public sealed class JudgeTests
{
    private const long License = 1;
    private const long User = 7;

    private readonly List<Line> _history = [new Run(Seed: 1, ServedBy.LocalHost, Instances: 1), new Seats(License, Count: 1)];

    private double _now;

    [Fact]
    public void A_history_that_keeps_the_promises_has_no_violations()
    {
        Put(id: 1, token: "a");
        Check(200);
        Add(new Call(User, Operation.Delete, User, Own: true, License, Assignment: 1), 200);
        Check(404);
        Write(1, 1, "a", seats: 1, counter: 1);
        Write(1, 2, null, seats: -1, counter: 2);
        _history.Add(new Stored(User, License));

        Assert.Empty(Judge.Violations(_history));
    }

    [Fact]
    public void An_unanswered_change_may_or_may_not_have_happened()
    {
        Put(id: 1, token: "a");
        Add(new Call(User, Operation.Put, User, Own: true, License, Active: false, Token: "b"), null, 503);
        Write(1, 1, "a", seats: 1, counter: 1);
        _history.Add(new Stored(User, License, 1, false, "b"));

        Assert.Empty(Judge.Violations(_history));
    }

    [Fact]
    public void A_lost_acknowledged_change_is_found()
    {
        Put(id: 1, token: "a");
        _history.Add(new Stored(User, License));

        Assert.Contains("a was acknowledged and is not in the history", Judge.Violations(_history));
        Assert.Contains(Judge.Violations(_history), violation => violation.EndsWith("is not what user 7's client was told", StringComparison.Ordinal));
    }

    [Fact]
    public void A_change_that_nobody_requested_is_found()
    {
        Write(1, 1, "x", seats: 1, counter: 1);
        _history.Add(new Stored(User + 1, License));

        Assert.Contains("nobody sent x", Judge.Violations(_history));
    }

    [Fact]
    public void A_request_that_was_executed_twice_is_found()
    {
        Put(id: 1, token: "a");
        Write(1, 1, "a", seats: 1, counter: 1);
        Write(1, 2, "a", seats: 0, counter: 2);
        _history.Add(new Stored(User, License, 1, true, "a"));

        Assert.Equal(["a, sent once and told 200, has 2 records"], Judge.Violations(_history));
    }

    [Fact]
    public void An_oversold_license_is_found()
    {
        Put(id: 1, token: "a");
        Put(id: 2, token: "b", user: User + 1);
        Write(1, 1, "a", seats: 1, counter: 1);
        Write(2, 1, "b", seats: 1, counter: 2, user: User + 1);
        _history.Add(new Stored(User, License, 1, true, "a"));

        Assert.Equal(["license 1 has 2 of 1 seats in use after version 2"], Judge.Violations(_history));
    }

    [Fact]
    public void Two_transactions_with_the_same_license_version_are_found()
    {
        Put(id: 1, token: "a");
        Put(id: 2, token: "b", user: User + 1);
        Write(1, 1, "a", seats: 1, counter: 1);
        Write(2, 1, "b", seats: 1, counter: 1, user: User + 1);
        _history.Add(new Stored(User, License, 1, true, "a"));

        Assert.Contains("two transactions made version 1 of row license of license 1", Judge.Violations(_history));
    }

    [Fact]
    public void An_id_that_changes_or_is_reused_is_found()
    {
        Put(id: 1, token: "a");
        Put(id: 2, token: "b");
        Put(id: 2, token: "c", user: User + 1);

        Assert.Equal(["the id of user 7's assignment changed from 1 to 2", "id 2 was given twice"], Judge.Violations(_history));
    }

    [Fact]
    public void A_refusal_of_a_request_that_needs_no_seat_is_found()
    {
        Put(id: 1, token: "a");
        Add(new Call(User, Operation.Put, User, Own: true, License, Active: true, Token: "b", Code: "seats_exhausted"), 400);

        Assert.Equal(["b was refused though it needed no seat"], Judge.Violations(_history));
    }

    [Theory]
    [InlineData(404)]
    [InlineData(500)]
    public void A_check_that_misses_an_active_assignment_is_found(int status)
    {
        Put(id: 1, token: "a");
        Check(status);

        Assert.Single(Judge.Violations(_history));
    }

    [Fact]
    public void A_deleted_assignment_that_is_still_there_is_found()
    {
        Put(id: 1, token: "a");
        Add(new Call(User, Operation.Delete, User, Own: true, License, Assignment: 1), 200);
        Write(1, 1, "a", seats: 1, counter: 1);
        _history.Add(new Stored(User, License));

        Assert.Equal(["assignment 1 was deleted and is there"], Judge.Violations(_history));
    }

    [Fact]
    public async Task A_failed_run_saves_its_history_and_a_page_that_shows_it()
    {
        Recorder recorder = new(new Run(Seed: -1, ServedBy.LocalHost, Instances: 1));
        recorder.Add(new Seats(License, 1));
        recorder.Add(new Call(User, Operation.Check, User, Own: true, Tries: [new Try(0.5, 0.75, Instance: 2, Status: null), new Try(0.8, 1, Instance: 0, Status: 200)]));

        Exception failure = await Assert.ThrowsAsync<InvalidOperationException>(() => recorder.JudgedAsync(() => Task.CompletedTask));

        string path = failure.Message.Split("The history is ")[1].Split(',')[0];
        try
        {
            Assert.Equivalent(recorder.Lines, Line.Parse(File.ReadLines(path)));
            string page = File.ReadAllText(Path.ChangeExtension(path, ".html"));
            Assert.Contains("client 7", page, StringComparison.Ordinal);
            Assert.Contains("<li>Check for user 7 was told 200 </li>", page, StringComparison.Ordinal);
            Assert.Contains("check user 7\ninstance 2, 0.5 to 0.75 s: no answer", page, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
            File.Delete(Path.ChangeExtension(path, ".html"));
        }
    }

    /// <summary>On demand: judges and draws the file of <see cref="Recorder.Folder"/> that <c>FAULTS_HISTORY</c> names.</summary>
    [Fact(Explicit = true)]
    public void A_recorded_history_keeps_the_promises()
    {
        string path = Path.Combine(Recorder.Folder, Environment.GetEnvironmentVariable("FAULTS_HISTORY") ?? "without-if-match.jsonl");
        List<Line> history = Line.Parse(File.ReadLines(path));

        Recorder.Save(path, history);
        Judge.Check(history);
    }

    private void Put(long id, string token, long user = User) =>
        Add(new Call(user, Operation.Put, user, Own: true, License, Active: true, Token: token, Id: id), 200);

    private void Check(int status) => Add(new Call(User, Operation.Check, User, Own: true), status);

    private void Add(Call call, params int?[] statuses) => _history.Add(call with
    {
        Tries = [.. statuses.Select(status => new Try(_now, ++_now, Instance: 0, status))],
    });

    private void Write(long assignment, long version, string? token, int seats, long counter, long user = User) => _history.Add(new Written(
        assignment, version, user, License, token, seats, seats == 0 ? null : Judge.LicenseRow, counter, DateTimeOffset.UnixEpoch.AddSeconds(_history.Count)));
}
