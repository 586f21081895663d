using System.Globalization;
using System.Text.Json.Nodes;
using Licensing.Storage;
using TestSupport;

namespace Licensing.Tests.Schedules;

/// <summary>The license in storage after each write, in storage's order. Each entry is checked when it is added.</summary>
internal sealed class Timeline(InMemoryTables tables)
{
    private readonly HashSet<string> _records = [];
    private readonly Dictionary<string, (long User, long License)> _ids = [];

    /// <summary>Changes counted by an allotment.</summary>
    public int OnAllotments { get; private set; }

    public List<Moment> Moments { get; } = [];

    public int Now => Moments.Count - 1;

    /// <summary>When the request with this write id was written.</summary>
    public Dictionary<Guid, int> Written { get; } = [];

    public void Note()
    {
        Moment next = Read();
        Moment? last = Moments.Count == 0 ? null : Moments[^1];
        Moments.Add(next);
        Require(next.SeatsUsed == next.Assigned + next.SetAside, $"the rows count {next.SeatsUsed} - {next.SetAside} seats, {next.Assigned} are assigned");
        Require(next.Allotments == next.AllotmentRows, $"the license counts {next.Allotments} allotments, {next.AllotmentRows} are there");
        Require(next.LeastFree >= 0, "an allotment is overdrawn");
        Require(last is null || next.Assigned <= last.Assigned || next.Assigned <= next.Seats, $"{next.Assigned} of {next.Seats} seats are assigned");
        foreach (JsonObject record in tables.Peek("Assignments", Schedule.Platform, RowPrefix.Change))
        {
            string key = record["RowKey"]!.GetValue<string>();
            if (_records.Add(key))
            {
                Require(Written.TryAdd(record["WriteId"]!.GetValue<Guid>(), Now), $"{key}: a request was written twice");
                OnAllotments += record["Allotment"] is null ? 0 : 1;
                (long, long) whose = (Long(record["UserId"]), Long(record["LicenseId"]));
                string id = key.Split('-')[1];
                Require(_ids.TryAdd(id, whose) || _ids[id] == whose, $"id {id} belongs to two assignments");
            }
        }
    }

    public static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new BrokenPromiseException(otherwise);
        }
    }

    private Moment Read()
    {
        IReadOnlyList<JsonObject> licenses = tables.Peek("Assignments", Schedule.Platform, RowPrefix.License);
        JsonObject row = licenses[0];
        JsonObject[] allotments = [.. licenses.Skip(1)];
        Dictionary<long, Held> held = tables.Peek("Assignments", Schedule.Platform, RowPrefix.Assignment).ToDictionary(
            each => TableKey.IdsIn(each["RowKey"]!.GetValue<string>()).First,
            each => new Held(Long(each["Id"]), each["Active"]!.GetValue<bool>(), each["Fulfilled"]?.GetValue<bool>() ?? false));
        return new Moment(
            row["Seats"] is { } seats ? Long(seats) : long.MaxValue,
            row["Active"]!.GetValue<bool>(),
            Long(row["SeatsUsed"]),
            (int)Long(row["Allotments"]),
            allotments.Length,
            allotments.Sum(each => Long(each["Free"])),
            allotments.Select(each => Long(each["Free"])).DefaultIfEmpty().Min(),
            held);
    }

    private static long Long(JsonNode? value) => value is null ? 0 : long.Parse(value.GetValue<string>(), CultureInfo.InvariantCulture);

    internal sealed record Moment(
        long Seats, bool Active, long SeatsUsed, int Allotments, int AllotmentRows, long SetAside, long LeastFree, Dictionary<long, Held> Assignments)
    {
        public int Assigned { get; } = Assignments.Values.Count(each => each.Active);

        public bool IsFull => Assigned >= Seats;

        public Held? Of(long user) => Assignments.GetValueOrDefault(user);
    }

    internal sealed record Held(long Id, bool Active, bool Fulfilled);
}

/// <summary>A broken promise, which no schedule may cause.</summary>
public sealed class BrokenPromiseException(string message) : Exception(message);
