using System.Net;
using Azure.Data.Tables;
using Licensing.Commit;
using Licensing.Licenses;
using Licensing.Storage;
using Licensing.Users;
using Licensing.Verification;
using TestSupport;

namespace Licensing.Tests.Schedules;

/// <summary>
/// One run of several instances on one license, in which a seed decides everything: which task continues, which call
/// reaches storage, which reply arrives, what is lost, who crashes, when time passes. The promises are checked at each write
/// and each answer.
/// </summary>
internal sealed class Schedule : IDisposable
{
    public const string Platform = "p";
    private const long License = 1;
    private const int Users = 12;
    private const int MaxSteps = 20_000;

    /// <summary>Seats of an unlimited license that are looked at.</summary>
    private const int MostFree = 20;

    private readonly Random _random;
    private readonly VirtualTime _time = new() { Ticks = true };
    private readonly InMemoryTables _tables;
    private readonly ScheduledStorage _storage;
    private readonly Timeline _timeline;
    private readonly List<Instance> _instances;
    private readonly List<Operation> _open = [];
    private readonly List<(Instance Instance, Task Task)> _work = [];
    private readonly bool _faults;
    private readonly int _atOnce;
    private int _crashes;
    private int _steps;

    private Schedule(int seed)
    {
        _random = new Random(seed);
        _tables = new InMemoryTables(_time);
        _storage = new ScheduledStorage(_tables);
        _timeline = new Timeline(_tables);
        foreach (string table in new[] { "Assignments", "Directory", "ApiKeys", "Platforms" })
        {
            _tables.CreateTable(table);
        }

        _instances = [.. Enumerable.Range(0, _random.Next(2, 5)).Select(i => new Instance($"i{i}", _storage, _time, _random.Next()))];
        _faults = _random.Next(3) > 0;
        _atOnce = _random.Next(2, 8);
        _crashes = _random.Next(2);
    }

    /// <summary>Throws if a promise is broken.</summary>
    /// <returns>The number of steps, and of changes counted on allotments.</returns>
    public static (int Steps, int OnAllotments) Run(int seed)
    {
        using Schedule schedule = new(seed);
        schedule.Run();
        return (schedule._steps, schedule._timeline.OnAllotments);
    }

    public void Dispose()
    {
        _instances.ForEach(instance => instance.Dispose());
        _tables.Dispose();
    }

    private void Run()
    {
        Prepare();
        int requests = _random.Next(10, 60);
        while (requests > 0 || _open.Count > 0 || _work.Count > 0)
        {
            Timeline.Require(++_steps < MaxSteps, $"it does not come to an end; open: {string.Join(", ", _open)}; {_work.Count} others");
            Step(ref requests);
            Settle();
        }

        Finish();
    }

    /// <summary>Creates a platform, its users and a license with few seats, before anything goes wrong.</summary>
    private void Prepare()
    {
        long? seats = _random.Next(6) == 0 ? null : _random.Next(1, 13);
        _tables.Fill("Platforms", [new TableEntity("platform", Platform) { ["Key"] = Platform, ["Org"] = "o", ["Suspended"] = false }]);
        LicenseRow license = new(
            Platform, License, "Course", seats, Active: true, Starts: null, Expires: null, RedirectTo: null, SeatsUsed: 0, Allotments: 0, Version: 1);
        TableEntity row = LicenseRows.ToEntity(license);
        foreach (string absent in new[] { nameof(license.Seats), nameof(license.Starts), nameof(license.Expires), nameof(license.RedirectTo) })
        {
            if (row[absent] is null)
            {
                row.Remove(absent);
            }
        }

        _tables.Fill("Assignments", [row, .. Enumerable.Range(1, Users + MostFree + 1).Select(user => UserRows.ToEntity(new User(Platform, user, $"user{user}", Email: null)))]);
        _timeline.Note();
    }

    private void Step(ref int requests)
    {
        int choice = _random.Next(100);
        Instance instance = _instances[_random.Next(_instances.Count)];
        if (requests > 0 && choice < 12 && _open.Count < _atOnce && !instance.IsStopping)
        {
            requests--;
            Ask(instance);
        }
        else if (choice < 60 && _storage.Pending.Count > 0)
        {
            Move(_storage.Pending[_random.Next(_storage.Pending.Count)]);
        }
        else if (choice < 95 && instance is { IsDown: false, Scheduler.Count: > 0 })
        {
            instance.Scheduler.Run(_random.Next(instance.Scheduler.Count));
        }
        else if (choice == 95 && _random.Next(3) == 0)
        {
            Administer(instance);
        }
        else if (choice == 96 && _random.Next(20) == 0)
        {
            Verify(instance);
        }
        else if (choice == 97 && _random.Next(20) == 0)
        {
            End(instance);
        }
        else if (choice == 98 && _random.Next(30) == 0)
        {
            // Wait until allotments are idle.
            Pass(TimeSpan.FromMinutes(6));
        }
        else if (IsStill() || (choice == 99 && _random.Next(8) == 0))
        {
            // Advance to the end of the next pause or deadline.
            _time.AdvanceToNextTimer(_time.GetUtcNow() + TimeSpan.FromMinutes(1));
        }
        else if (choice == 99)
        {
            Pass(TimeSpan.FromMilliseconds(20));
        }
    }

    private bool IsStill() => _storage.Pending.Count == 0 && _instances.TrueForAll(instance => instance.IsDown || instance.Scheduler.Count == 0);

    private void Pass(TimeSpan time)
    {
        DateTimeOffset then = _time.GetUtcNow() + time;
        while (_time.AdvanceToNextTimer(then))
        {
        }
    }

    private void Ask(Instance instance)
    {
        Timeline.Moment now = _timeline.Moments[^1];
        long user = _random.Next(1, Users + 1);
        AssignmentRequest request = _random.Next(2) == 0 && now.Of(user) is { } held
            ? new DeleteAssignment(Platform, License, held.Id, "key", NewId())
            : new PutAssignment(
                Platform, License, user, Email: null, Active: _random.Next(5) > 0, Fulfilled: _random.Next(6) == 0, Metadata: null, "key", NewId());
        Open(request, user, instance);
    }

    private Operation Open(AssignmentRequest request, long user, Instance instance)
    {
        Operation operation = new(request, user, instance, _timeline.Now, instance.Scheduler.Start(async () =>
        {
            try
            {
                return request switch
                {
                    PutAssignment put => await instance.Service.PutAsync(put, CancellationToken.None),
                    _ => (AssignmentOutcome?)await instance.Service.DeleteAsync((DeleteAssignment)request, CancellationToken.None),
                };
            }
            catch (StorageUnavailableException)
            {
                return null;
            }
            catch (Exception exception) when (StorageFault.IsTransient(exception))
            {
                return null;
            }
        }));
        _open.Add(operation);
        return operation;
    }

    private Guid NewId()
    {
        byte[] id = new byte[16];
        _random.NextBytes(id);
        return new Guid(id);
    }

    /// <summary>A call or its reply arrives or is lost.</summary>
    private void Move(ScheduledStorage.Call call)
    {
        if (call.IsLate)
        {
            if (_random.Next(4) == 0)
            {
                _storage.Pending.Remove(call);
                return;
            }

            Arrive(call);
        }
        else if (_faults && _random.Next(call.IsTransaction ? 20 : 200) == 0)
        {
            if (call.Reply is null && _random.Next(3) == 0)
            {
                _storage.Refuse(call, _random.Next(2) == 0 ? HttpStatusCode.ServiceUnavailable : HttpStatusCode.TooManyRequests);
            }
            else
            {
                _storage.Break(call, late: call.IsWrite && _random.Next(2) == 0);
            }
        }
        else if (call.Reply is null)
        {
            Arrive(call);
        }
        else
        {
            _storage.Answer(call);
        }
    }

    private void Arrive(ScheduledStorage.Call call)
    {
        _storage.Arrive(call);
        if (call.IsWrite)
        {
            _timeline.Note();
        }
    }

    private void Administer(Instance instance)
    {
        if (!instance.IsStopping && _random.Next(3) == 0)
        {
            bool activity = _random.Next(4) == 0;
            int seats = _random.Next(0, 13);
            Work(instance, instance.Scheduler.Start(() => instance.Licenses.UpdateAsync(
                Platform,
                License,
                license => activity ? license with { Active = !license.Active } : license.Seats is null && seats > 2 ? null : license with { Seats = seats },
                CancellationToken.None)));
        }
    }

    private void Verify(Instance instance)
    {
        if (!instance.IsStopping)
        {
            Work(instance, instance.Scheduler.Start(async () =>
            {
                VerificationReport report = await instance.Verifier.VerifyAsync(Platform, repair: false, progress: null, CancellationToken.None);
                RequireClean(report, "while requests were served");
                return true;
            }));
        }
    }

    /// <summary>SIGTERM or a crash. After a crash, calls already sent may arrive, but no replies do.</summary>
    private void End(Instance instance)
    {
        if (_instances.Count(each => !each.IsStopping) < 2 || instance.IsStopping)
        {
            return;
        }

        if (_random.Next(2) == 0)
        {
            if (!_open.Exists(operation => operation.Instance == instance) && !_work.Exists(work => work.Instance == instance))
            {
                instance.IsStopping = true;
                Work(instance, instance.Scheduler.Start(async () =>
                {
                    await instance.StopAsync();
                    return instance.IsDown = true;
                }));
            }
        }
        else if (_crashes > 0)
        {
            _crashes--;
            Crash(instance);
        }
    }

    private void Crash(Instance instance)
    {
        instance.IsStopping = instance.IsDown = true;
        _open.RemoveAll(operation => operation.Instance == instance);
        _work.RemoveAll(work => work.Instance == instance);
        foreach (ScheduledStorage.Call call in _storage.Pending.Where(call => call.Instance == instance).ToArray())
        {
            _storage.Break(call, late: call.IsWrite);
        }
    }

    private void Work(Instance instance, Task work) => _work.Add((instance, work));

    private void Settle()
    {
        foreach (Operation operation in _open.Where(operation => operation.Outcome.IsCompleted).ToArray())
        {
            _open.Remove(operation);
            operation.Outcome.GetAwaiter().GetResult();
            operation.Check(_timeline);
        }

        foreach ((_, Task work) in _work.Where(work => work.Task.IsFaulted))
        {
            Exception failure = work.Exception!.InnerException!;
            if (!StorageFault.IsTransient(failure))
            {
                throw failure;
            }
        }

        _work.RemoveAll(work => work.Task.IsCompleted);
    }

    /// <summary>Nothing is lost permanently: the last requests get exactly the free seats.</summary>
    private void Finish()
    {
        foreach (ScheduledStorage.Call call in _storage.Pending.ToArray())
        {
            Arrive(call);
        }

        Instance last = new("last", _storage, _time, seed: 1);
        _instances.ForEach(instance => instance.IsDown = true);
        _instances.Add(last);
        RequireClean(Complete(last.Scheduler.Start(() => last.Verifier.VerifyAsync(Platform, repair: false, progress: null, CancellationToken.None))), "at the end");
        Timeline.Moment then = _timeline.Moments[^1];
        long free = Math.Clamp(then.Active ? then.Seats - then.Assigned : 0, 0, MostFree);
        for (long user = Users + 1; user <= Users + free + 1; user++)
        {
            PutAssignment put = new(Platform, License, user, Email: null, Active: true, Fulfilled: false, Metadata: null, "key", NewId());
            Operation operation = Open(put, user, last);
            AssignmentOutcome? outcome = Complete(operation.Outcome);
            operation.Check(_timeline);
            bool expected = user <= Users + free || then.Seats > 1_000_000 && then.Active;
            Timeline.Require(outcome is AssignmentOutcome.Saved == expected, $"with {free} seats free the {user - Users}. of the last callers was told {outcome}");
        }
    }

    private T Complete<T>(Task<T> work)
    {
        while (!work.IsCompleted)
        {
            Timeline.Require(++_steps < 10 * MaxSteps, "the end does not come to an end");
            if (_storage.Pending.Count > 0)
            {
                ScheduledStorage.Call call = _storage.Pending[0];
                if (call.Reply is null)
                {
                    Arrive(call);
                }
                else
                {
                    _storage.Answer(call);
                }
            }
            else if (_instances[^1].Scheduler.Count > 0)
            {
                _instances[^1].Scheduler.Run(0);
            }
            else
            {
                _time.AdvanceToNextTimer(_time.GetUtcNow() + TimeSpan.FromMinutes(1));
            }
        }

        return work.GetAwaiter().GetResult();
    }

    /// <summary>Only an administrator may leave more seats used than there are; each write is checked for this.</summary>
    private static void RequireClean(VerificationReport report, string when)
    {
        string[] violations = [.. report.Violations.Where(violation => violation.Code != ViolationCode.SeatsExceeded).Select(violation => violation.Detail)];
        Timeline.Require(violations.Length == 0, $"verification found, {when}: {string.Join(' ', violations)}");
    }
}
