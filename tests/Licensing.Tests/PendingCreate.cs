using Licensing.Commit;
using Licensing.Users;

namespace Licensing.Tests;

/// <summary>A create that waits for its license's writer, with its user found and an id taken.</summary>
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
