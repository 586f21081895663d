using Admin.Imports;
using Xunit;

namespace Admin.Unit.Tests;

public sealed class KnownUsersTests
{
    [Fact]
    public void Users_are_found_by_id_and_by_address_in_any_spelling()
    {
        KnownUsers known = Files.Known((1, "Ada@example.org"), (2, null));

        Assert.Equal([true, true, false], new long[] { 1, 2, 3 }.Select(known.Has));
        Assert.Equal(1, known.IdOf(Hash("ada@EXAMPLE.org")));
        Assert.Null(known.IdOf(Hash("bob@example.org")));
        Assert.Equal(Hash("ada@example.org"), known.AddressOf(1));
        Assert.Null(known.AddressOf(2));
    }

    [Fact]
    public void An_address_belongs_to_its_first_user()
    {
        KnownUsers known = Files.Known((1, "ada@example.org"));

        known.Add(-1, Files.Address("ada@example.org"));

        Assert.Equal(1, known.IdOf(Hash("ada@example.org")));
    }

    private static AddressHash Hash(string address) => AddressHash.Of(Files.Address(address));
}
