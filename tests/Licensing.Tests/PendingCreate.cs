using Licensing.Commit;
using Licensing.Users;

namespace Licensing.Tests;

/// <summary>A create in the queue of its license's writer, with its user read and an id leased.</summary>
internal static class PendingCreate
{
    public static PendingChange Of(long license, long user, long deadline) => new(
        new PutAssignment("p", license, user, Email: null, Active: true, Fulfilled: false, Metadata: null, By: "key", Guid.NewGuid()), deadline)
    {
        UserId = user,
        Named = new NamedUser(new User("p", user, "someone", Email: null), ByEmail: null),
        NewId = user,
    };
}
