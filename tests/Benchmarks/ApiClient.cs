using System.Globalization;

namespace Benchmarks;

/// <summary>Calls the API, with one connection for each caller.</summary>
internal sealed class ApiClient : IClient, IDisposable
{
    private const string Path = "/api/catalog/licenses/user/assignment/";

    private readonly World _world;
    private readonly HttpCaller[] _callers;
    private readonly List<(long Id, long License, long User, bool Fulfilled)>[] _made;
    private readonly int[] _updated = new int[Callers.Most];
    private readonly int[] _checked = new int[Callers.Most];

    public ApiClient(World world, ServerProcess server)
    {
        _world = world;
        _callers = [.. Enumerable.Range(0, Callers.Most).Select(_ => new HttpCaller(server.Port))];
        _made = [.. Enumerable.Range(0, Callers.Most).Select(_ => new List<(long, long, long, bool)>())];
    }

    public async Task<bool> CreateAsync(int caller, Pairs pairs)
    {
        if (!pairs.TryNext(caller, out long license, out long user))
        {
            return false;
        }

        string answer = await PutAsync(caller, license, user, fulfilled: false);
        const string member = "\"id\":";
        int start = answer.IndexOf(member, StringComparison.Ordinal) + member.Length;
        int end = answer.IndexOf(',', start);
        _made[caller].Add((long.Parse(answer.AsSpan(start, end - start), CultureInfo.InvariantCulture), license, user, false));
        return true;
    }

    public async Task<bool> UpdateAsync(int caller)
    {
        List<(long Id, long License, long User, bool Fulfilled)> made = _made[caller];
        if (made.Count == 0)
        {
            return false;
        }

        int index = _updated[caller]++ % made.Count;
        (long id, long license, long user, bool fulfilled) = made[index];
        await PutAsync(caller, license, user, !fulfilled);
        made[index] = (id, license, user, !fulfilled);
        return true;
    }

    public async Task<bool> DeleteAsync(int caller)
    {
        List<(long Id, long License, long User, bool Fulfilled)> made = _made[caller];
        if (made.Count == 0)
        {
            return false;
        }

        (long id, long license, _, _) = made[^1];
        made.RemoveAt(made.Count - 1);
        await _callers[caller].SendAsync(HttpCaller.Request("DELETE", $"{Path}?license_id={license}&assignment_id={id}", _world.Key), 200);
        return true;
    }

    public async Task<bool> CheckAsync(int caller, int users)
    {
        int next = _checked[caller]++;
        string email = users == 0 ? $"nobody{next}@bench.example" : World.EmailOf(1 + (next % users));
        await _callers[caller].SendAsync(HttpCaller.Request("GET", $"{Path}check/?email={email}", _world.Key), users == 0 ? 404 : 200);
        return true;
    }

    /// <summary>Makes the server read all users, so that they are cached for the next 55 seconds.</summary>
    public async Task WarmAsync()
    {
        Pairs pairs = Pairs.OneLicense(await _world.AddLicensesAsync(1), _world.Users);
        await Rounds.RateAsync(Callers.Most, TimeSpan.MaxValue, caller => CreateAsync(caller, pairs));
        ForgetMade();
    }

    public void ForgetMade() => Array.ForEach(_made, made => made.Clear());

    public void Dispose() => Array.ForEach(_callers, caller => caller.Dispose());

    private Task<string> PutAsync(int caller, long license, long user, bool fulfilled) => _callers[caller].SendAsync(
        HttpCaller.Request(
            "POST",
            $"{Path}?license_id={license}",
            _world.Key,
            fulfilled ? $$"""{"license_id":{{license}},"user_id":{{user}},"fulfilled":true}""" : $$"""{"license_id":{{license}},"user_id":{{user}}}"""),
        200);
}
