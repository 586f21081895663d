namespace Faults.Tests.Histories;

/// <summary>Finds broken promises in a history.</summary>
internal static class Judge
{
    /// <summary>Fails with the first of what <see cref="Violations"/> finds.</summary>
    public static void Check(IReadOnlyList<Line> history)
    {
        string[] found = [.. Violations(history)];
        if (found.Length > 0)
        {
            throw new InvalidOperationException($"{found.Length} violations: {string.Join("; ", found.Take(10))}");
        }
    }

    public static IEnumerable<string> Violations(IReadOnlyList<Line> history)
    {
        Call[] calls = [.. history.OfType<Call>().OrderBy(call => call.Sent)];
        Dictionary<long, long?> seats = history.OfType<Seats>().ToDictionary(each => each.License, each => each.Count);
        Dictionary<(long User, long License), Held> held = [];
        IEnumerable<string> found = calls.GroupBy(call => call.Client).SelectMany(client => ClientViolations([.. client], seats, held)).ToArray();
        found = found.Concat(IdViolations(calls));
        return history.OfType<Stored>().Any() ? found.Concat(StorageViolations(history, calls, seats, held)) : found;
    }

    /// <summary>Compares each response of a client with the earlier ones. No other client changes its own user's assignments.</summary>
    private static IEnumerable<string> ClientViolations(Call[] calls, Dictionary<long, long?> seats, Dictionary<(long User, long License), Held> held)
    {
        // After a call without a definite response, the state of its user is unknown.
        foreach (Call call in calls.TakeWhile(call => call.Status is not null))
        {
            (long User, long License) key = (call.User, call.License ?? 0);
            Held? before = held.GetValueOrDefault(key);
            string? violation = call switch
            {
                { Operation: Operation.Put, Status: 200, Own: true } when before is not null && before.Id != call.Id =>
                    $"the id of user {call.User}'s assignment changed from {before.Id} to {call.Id}",
                { Operation: Operation.Put, Status: 200 } => null,
                { Operation: Operation.Put, Status: 400, Code: "seats_exhausted" }
                    when call.Own && (call.Active != true || before is { Active: true } || seats[key.License] is null) =>
                    $"{call.Token} was refused though it needed no seat",
                { Operation: Operation.Put, Status: 400, Code: "seats_exhausted" } => null,
                { Operation: Operation.Delete, Status: 200 } => null,
                { Operation: Operation.Delete, Status: 404, Own: false } => null,
                { Operation: Operation.Check } when (call.Status, held.Any(each => each.Key.User == call.User && each.Value.Active)) is (200, true) or (404, false) => null,
                _ => $"{call.Operation} for user {call.User} was told {call.Status} {call.Code}",
            };
            if (violation is not null)
            {
                yield return violation;
            }

            Apply(call, key, held);
        }
    }

    private static void Apply(Call call, (long User, long License) key, Dictionary<(long User, long License), Held> held)
    {
        if (call is { Own: true, Operation: Operation.Put, Status: 200 })
        {
            held[key] = new Held(call.Id!.Value, call.Active!.Value, call.Token!);
        }
        else if (call is { Own: true, Operation: Operation.Delete })
        {
            held.Remove(key);
        }
    }

    /// <summary>An id belongs to one user's assignment of one license forever.</summary>
    private static IEnumerable<string> IdViolations(Call[] calls) => calls
        .Where(call => call is { Operation: Operation.Put, Status: 200 })
        .GroupBy(call => call.Id)
        .Where(id => id.Select(call => (call.User, call.License)).Distinct().Count() > 1)
        .Select(id => $"id {id.Key} was given twice");

    private static IEnumerable<string> StorageViolations(
        IReadOnlyList<Line> history, Call[] calls, Dictionary<long, long?> seats, Dictionary<(long User, long License), Held> held)
    {
        Written[] written = [.. history.OfType<Written>()];
        ILookup<string, Written> byToken = written.Where(each => each.Token is not null).ToLookup(each => each.Token!);
        Dictionary<string, Call> sent = calls.Where(call => call.Operation == Operation.Put).ToDictionary(call => call.Token!);
        ILookup<long, Written> byId = written.ToLookup(each => each.Assignment);
        return byToken.Where(each => !sent.ContainsKey(each.Key)).Select(each => $"nobody sent {each.Key}")
            .Concat(sent.Values.Where(put => put.Status is not null).SelectMany(put => PutViolations(put, byToken[put.Token!].Count())))
            .Concat(calls.Where(call => call is { Operation: Operation.Delete, Status: 200 } && byId[call.Assignment!.Value].LastOrDefault() is not { Token: null })
                .Select(call => $"assignment {call.Assignment} was deleted and is there"))
            .Concat(byId.Where(id => id.Select(each => (each.User, each.License)).Distinct().Count() > 1).Select(id => $"id {id.Key} was used twice"))
            .Concat(EndViolations(history, calls, held))
            .Concat(seats.SelectMany(license => SeatViolations(license.Key, license.Value, written)));
    }

    private static IEnumerable<string> PutViolations(Call put, int records)
    {
        if (put.Status == 200 && records == 0)
        {
            yield return $"{put.Token} was acknowledged and is not in the history";
        }
        else if (put.Tries!.Length == 1 && records != (put.Status == 200 ? 1 : 0))
        {
            yield return $"{put.Token}, sent once and told {put.Status}, has {records} records";
        }
    }

    private static IEnumerable<string> EndViolations(IReadOnlyList<Line> history, Call[] calls, Dictionary<(long User, long License), Held> held)
    {
        HashSet<long> unknown = [.. calls.Where(call => call is { Own: true, Status: null }).Select(call => call.User)];
        return history.OfType<Stored>()
            .Where(stored => !unknown.Contains(stored.User))
            .Where(stored => held.GetValueOrDefault((stored.User, stored.License)) != (stored.Id is { } id ? new Held(id, stored.Active!.Value, stored.Token!) : null))
            .Select(stored => $"{stored} is not what user {stored.User}'s client was told");
    }

    /// <summary>
    /// One transaction writes each version of a row that counts seats. While no instance has an allotment, these rows
    /// are one row and in order; otherwise there is no order across rows, and <see cref="Cluster.WatchAsync"/> adds them up.
    /// </summary>
    private static IEnumerable<string> SeatViolations(long license, long? seats, Written[] written)
    {
        Written[] moves = [.. written.Where(each => each.License == license && each.Counter is not null)];
        foreach (IGrouping<(string?, long), Written> version in moves.GroupBy(each => (each.Counter, each.CounterVersion)))
        {
            if (version.Select(each => each.At).Distinct().Count() > 1)
            {
                yield return $"two transactions made version {version.Key.Item2} of row {version.Key.Item1} of license {license}";
            }
        }

        if (Array.TrueForAll(moves, each => each.Counter == LicenseRow))
        {
            long used = 0;
            foreach (IGrouping<long, Written> transaction in moves.GroupBy(each => each.CounterVersion).OrderBy(each => each.Key))
            {
                used += transaction.Sum(each => each.SeatDelta);
                if (used < 0 || used > seats)
                {
                    yield return $"license {license} has {used} of {seats} seats in use after version {transaction.Key}";
                }
            }
        }
    }

    /// <summary>The name of the row that counts all seats of a license.</summary>
    public const string LicenseRow = "license";

    /// <summary>What a client knows about an assignment of its own user.</summary>
    private sealed record Held(long Id, bool Active, string Token);
}
