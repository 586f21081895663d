using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using CsCheck;
using Xunit;

namespace Contract.Tests;

/// <summary>
/// Requests built from the contract and broken at random. <c>FUZZ_REQUESTS</c> sets their number. A failing run prints the
/// simplest failing request and the seed that repeats it, as <c>CsCheck_Seed</c>.
/// </summary>
public abstract class FuzzTests(ApiDocument document, Service service, ITestOutputHelper output)
{
    private const int ShortRequests = 1_500;
    private const int AtOnce = 8;

    /// <summary>LocalHost's response to another host name.</summary>
    private const string OtherHost = "LocalHost accepts loopback host names only";

    /// <summary>The host's own responses, which precede any function and have no body.</summary>
    private static readonly int[] HostAnswers = [400, 404, 414, 431];

    private readonly ConcurrentDictionary<(string Kind, string Answer), int> _tally = [];
    private readonly ConcurrentBag<(FuzzInput Input, RawConnection Connection)> _stalled = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static int Requests =>
        int.TryParse(Environment.GetEnvironmentVariable("FUZZ_REQUESTS"), CultureInfo.InvariantCulture, out int requests) ? requests : ShortRequests;

    [Fact]
    public async Task Every_response_to_a_random_request_is_documented_and_the_service_keeps_working()
    {
        Scene scene = await Scene.CreateAsync(document, service, seats: null);
        Uri address = (await service.ServerAsync()).Client.BaseAddress!;
        FuzzInputs inputs = new(document, address.Authority, scene.Key, Scene.Users, scene.EmailOf);

        await inputs.All().SampleAsync(input => TryAsync(address, input), iter: Requests, threads: AtOnce, print: input => input.ToString());
        foreach ((FuzzInput input, RawConnection connection) in _stalled)
        {
            using (connection)
            {
                Judge(input, await connection.ReadAsync(Cancellation));
            }
        }

        output.WriteLine(Table());
        long id = await scene.AssignAsync();
        Assert.Equal(200, (await scene.CheckAsync(scene.Email)).Status);
        Assert.Equal(200, (await scene.DestroyAsync(id)).Status);
    }

    private protected virtual bool HostMayAnswer(FuzzInput input, int status) => input.HostMayAnswer && HostAnswers.Contains(status);

    private async Task TryAsync(Uri address, FuzzInput input)
    {
        RawConnection connection = new();
        await connection.ConnectAsync(address, Cancellation);
        await connection.SendAsync(input.Pieces, Cancellation);
        if (input.Ending == Ending.Stalled)
        {
            _stalled.Add((input, connection));
            return;
        }

        using (connection)
        {
            if (input.Ending == Ending.HalfClosed)
            {
                connection.EndSending();
            }

            Judge(input, input.Ending == Ending.Reset ? null : await connection.ReadAsync(Cancellation));
        }
    }

    private void Judge(FuzzInput input, Answer? answer)
    {
        Count(input, answer switch
        {
            null => "no answer",
            { IsOfFunction: true } => $"{answer.Status}",
            _ => $"host {answer.Status}",
        });
        if (answer is null)
        {
            Assert.True(input.HostMayAnswer || input.Ending != Ending.Whole, "The connection ended without an answer.");
        }
        else if (answer.IsOfFunction)
        {
            Assert.InRange(answer.Status, input.Refused ? 400 : 200, 499);
            Assert.Empty(document.Differences(input.Operation, answer));
        }
        else
        {
            Assert.True(HostMayAnswer(input, answer.Status), $"The host answered, with {answer.Status}.");
            Assert.True(answer.Body.Length == 0 || answer.Body.StartsWith(OtherHost, StringComparison.Ordinal), answer.Body);
        }
    }

    private void Count(FuzzInput input, string answer) => _tally.AddOrUpdate((input.Kind, answer), 1, (_, count) => count + 1);

    private string Table()
    {
        StringBuilder table = new();
        table.AppendLine("| inputs | tried | answered by the functions | by the host | not answered |");
        table.AppendLine("| --- | ---: | --- | --- | ---: |");
        foreach (IGrouping<string, KeyValuePair<(string Kind, string Answer), int>> kind in _tally.GroupBy(each => each.Key.Kind).OrderBy(kind => kind.Key, StringComparer.Ordinal))
        {
            table.AppendLine(Row(kind.Key, kind));
        }

        table.AppendLine(Row("all", _tally));
        return table.ToString();
    }

    private static string Row(string kind, IEnumerable<KeyValuePair<(string Kind, string Answer), int>> counts)
    {
        string Answers(Func<string, bool> which) => string.Join(", ", counts
            .Where(each => which(each.Key.Answer))
            .GroupBy(each => each.Key.Answer[^3..], each => each.Value)
            .OrderBy(status => status.Key, StringComparer.Ordinal)
            .Select(status => $"{status.Key}: {status.Sum():N0}"));

        int unanswered = counts.Where(each => each.Key.Answer == "no answer").Sum(each => each.Value);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"| {kind} | {counts.Sum(each => each.Value):N0} | {Answers(answer => char.IsDigit(answer[0]))} | {Answers(answer => answer.StartsWith("host", StringComparison.Ordinal))} | {unanswered:N0} |");
    }
}

public sealed class FuzzOnLocalHostTests(ApiDocument document, LocalHostService service, ITestOutputHelper output) : FuzzTests(document, service, output);

public sealed class FuzzOnTheWorkerTests(ApiDocument document, WorkerService service, ITestOutputHelper output) : FuzzTests(document, service, output)
{
    /// <summary>The platform returns 500 when it cannot forward a header, or a body that does not end as announced.</summary>
    private protected override bool HostMayAnswer(FuzzInput input, int status) =>
        base.HostMayAnswer(input, status) || (status == 500 && (input.Ending != Ending.Whole || input.HasHeaderBeyondAscii));
}
