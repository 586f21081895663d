using Licensing.Storage;
using Licensing.Users;

namespace Licensing.Tests.Schedules;

/// <summary>Stores as the wiring of the library makes them.</summary>
internal static class Stores
{
    public static UserStore Users(Tables tables, IdSequence ids, TimeProvider time)
    {
        UserRows rows = new(tables);
        UserFences fences = new(tables, time);
        UserDirectory directory = new(tables, rows, fences);
        return new UserStore(rows, directory, fences, new UserAdditions(rows, directory, ids), new UserChanges(rows, directory, fences), time);
    }
}
