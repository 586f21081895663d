using System.Text.Json;
using System.Text.Json.Serialization;

namespace Faults.Tests.Histories;

/// <summary>An event of a run. A history is a file with one event per line. Times are seconds since the start of the run.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(Run), "run")]
[JsonDerivedType(typeof(Seats), "license")]
[JsonDerivedType(typeof(Call), "call")]
[JsonDerivedType(typeof(Disaster), "disaster")]
[JsonDerivedType(typeof(Written), "written")]
[JsonDerivedType(typeof(Stored), "stored")]
internal abstract record Line
{
    private static readonly JsonSerializerOptions _options = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter() },
    };

    public static IEnumerable<string> Format(IEnumerable<Line> history) => history.Select(line => JsonSerializer.Serialize(line, _options));

    public static List<Line> Parse(IEnumerable<string> history) => [.. history.Select(line => JsonSerializer.Deserialize<Line>(line, _options)!)];
}

/// <param name="Instances">How many processes served it.</param>
internal sealed record Run(int Seed, ServedBy ServedBy, int Instances) : Line;

/// <param name="Count">Null if unlimited.</param>
internal sealed record Seats(long License, long? Count) : Line;

/// <summary>A client's request and its response.</summary>
/// <param name="Own">Whether only this client changes the user's assignments.</param>
/// <param name="Assignment">What a delete names.</param>
/// <param name="Active">What a put asks for.</param>
/// <param name="Token">Identifies a put; stored with the assignment.</param>
/// <param name="Tries">In order; all but the last had no definite response.</param>
/// <param name="Code">Of the problem in the last response.</param>
/// <param name="Id">Of the assignment in the last response.</param>
internal sealed record Call(
    long Client,
    Operation Operation,
    long User,
    bool Own,
    long? License = null,
    long? Assignment = null,
    bool? Active = null,
    string? Token = null,
    Try[]? Tries = null,
    string? Code = null,
    long? Id = null) : Line
{
    /// <summary>The definite response's; null if the run ended first.</summary>
    [JsonIgnore]
    public int? Status => Tries is [.., { Status: not 503 } last] ? last.Status : null;

    [JsonIgnore]
    public double Sent => Tries is [var first, ..] ? first.Sent : double.MaxValue;
}

internal enum Operation
{
    Put,
    Delete,
    Check,
}

/// <param name="Status">Null if the connection broke.</param>
internal sealed record Try(double Sent, double Ended, int Instance, int? Status);

internal sealed record Disaster(string What, double Began, double Ended) : Line;

/// <summary>A history record in storage after the run.</summary>
/// <param name="Token">Of the put that wrote it; null for a delete.</param>
/// <param name="Counter">The row that counted the seat, if one was taken or freed.</param>
internal sealed record Written(
    long Assignment, long Version, long User, long License, string? Token, int SeatDelta, string? Counter, long CounterVersion, DateTimeOffset At) : Line;

/// <summary>The assignment of a client's own user in storage after the run.</summary>
/// <param name="Id">Null if there is none.</param>
internal sealed record Stored(long User, long License, long? Id = null, bool? Active = null, string? Token = null) : Line;
