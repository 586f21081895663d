using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using Faults.Tests.Histories;
using Licensing.Users;

namespace Faults.Tests;

/// <summary>
/// A client that follows the contract: after a 503 or a broken connection it repeats the request with the same
/// Idempotency-Key until it gets a definite response.
/// </summary>
/// <param name="client">Names it in the history.</param>
internal sealed class Caller(Cluster cluster, Random random, Tally tally, Recorder recorder, long client)
{
    private const string Path = "/api/catalog/licenses/user/assignment/";

    /// <summary>Longer than any freeze or restart: a run that makes no progress fails and leaves its history.</summary>
    private const double GivesUpAfterSeconds = 300;

    private int _place = random.Next(cluster.Size);

    /// <param name="own">Whether only this client changes the user's assignments.</param>
    public Task<Ending> PutAsync(long licenseId, long userId, bool active, string token, bool own = true) => UntilDefiniteAsync(
        new Call(client, Operation.Put, userId, own, licenseId, Active: active, Token: token),
        () => new HttpRequestMessage(HttpMethod.Post, $"{Path}?license_id={licenseId}")
        {
            Content = JsonContent.Create(new { license_id = licenseId, user_id = userId, active, metadata = new { token } }),
        });

    /// <param name="userId">Whose assignment it is; the request does not name it.</param>
    public Task<Ending> DeleteAsync(long licenseId, long userId, long assignmentId, bool own = true) => UntilDefiniteAsync(
        new Call(client, Operation.Delete, userId, own, licenseId, assignmentId),
        () => new HttpRequestMessage(HttpMethod.Delete, $"{Path}?license_id={licenseId}&assignment_id={assignmentId}"));

    public Task<Ending> CheckAsync(User user) => UntilDefiniteAsync(
        new Call(client, Operation.Check, user.Id, Own: true),
        () => new HttpRequestMessage(HttpMethod.Get, $"{Path}check/?email={Uri.EscapeDataString(user.Email!.Text)}"));

    /// <summary>Sends a request once. Returns null if there was no response.</summary>
    public static async Task<(HttpStatusCode Status, JsonObject? Body)?> TrySendAsync(HttpClient client, HttpRequestMessage request)
    {
        try
        {
            using HttpResponseMessage response = await client.SendAsync(request, Cluster.Cancellation);
            string body = await response.Content.ReadAsStringAsync(Cluster.Cancellation);
            if (response.StatusCode == HttpStatusCode.InternalServerError && body.Length == 0)
            {
                // The platform returns this when a worker is killed.
                return null;
            }

            return (response.StatusCode, body.Length == 0 ? null : JsonNode.Parse(body)!.AsObject());
        }
        catch (Exception exception) when (exception is HttpRequestException or SocketException or IOException or JsonException)
        {
            return null;
        }
    }

    private async Task<Ending> UntilDefiniteAsync(Call call, Func<HttpRequestMessage> create)
    {
        string idempotencyKey = Guid.NewGuid().ToString();
        List<Try> tries = [];
        Ending? ending = null;
        try
        {
            while (ending is null)
            {
                ending = await TryAsync(create, idempotencyKey, tries);
                if (ending is null && recorder.Now - tries[0].Sent > GivesUpAfterSeconds)
                {
                    throw new TimeoutException($"No definite answer in {tries.Count} tries, the last was {tries[^1].Status?.ToString(CultureInfo.InvariantCulture) ?? "none"}: {call}");
                }
            }

            return ending;
        }
        finally
        {
            recorder.Add(call with { Tries = [.. tries], Code = ending?.Code, Id = call.Operation == Operation.Put && ending is { IsOk: true } ? ending.Id : null });
        }
    }

    /// <summary>Returns null if there was no definite response.</summary>
    private async Task<Ending?> TryAsync(Func<HttpRequestMessage> create, string idempotencyKey, List<Try> tries)
    {
        int place = _place;
        double sent = recorder.Now;
        using HttpRequestMessage request = create();
        request.Headers.TryAddWithoutValidation("Authorization", cluster.Key);
        request.Headers.Add("Idempotency-Key", idempotencyKey);
        (HttpStatusCode Status, JsonObject? Body)? answer = await TrySendAsync(cluster.At(place).Client, request);
        tally.Add(answer?.Status);
        tries.Add(new Try(sent, recorder.Now, place, (int?)answer?.Status));
        if (answer is null)
        {
            _place = random.Next(cluster.Size);
        }

        return answer is { Status: not HttpStatusCode.ServiceUnavailable } definite ? new Ending(definite.Status, definite.Body) : null;
    }
}

/// <summary>A definite response.</summary>
internal sealed record Ending(HttpStatusCode Status, JsonObject? Body)
{
    public bool IsOk => Status == HttpStatusCode.OK;

    public string? Code => Body?["code"]?.GetValue<string>();

    public long Id => Body!["id"]!.GetValue<long>();
}

/// <summary>Counts responses, and lets callers wait for a number of them.</summary>
internal sealed class Tally
{
    private readonly ConcurrentDictionary<string, int> _answers = new();
    private readonly List<(int Count, TaskCompletionSource Reached)> _waiting = [];
    private int _total;

    public int Total => Volatile.Read(ref _total);

    public IReadOnlyDictionary<string, int> Answers => _answers;

    public void Add(HttpStatusCode? status)
    {
        _answers.AddOrUpdate(status is { } code ? ((int)code).ToString(CultureInfo.InvariantCulture) : "no answer", 1, (_, count) => count + 1);
        lock (_waiting)
        {
            _total++;
            foreach ((_, TaskCompletionSource reached) in _waiting.Where(each => each.Count <= _total))
            {
                reached.TrySetResult();
            }

            _waiting.RemoveAll(each => each.Count <= _total);
        }
    }

    /// <summary>Waits for this many more responses or broken connections.</summary>
    public Task MoreAsync(int count)
    {
        TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_waiting)
        {
            _waiting.Add((_total + count, reached));
        }

        return reached.Task.WaitAsync(Cluster.Cancellation);
    }
}
