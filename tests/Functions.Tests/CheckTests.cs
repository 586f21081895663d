using System.Net;
using Licensing.Users;
using Xunit;

namespace Functions.Tests;

public sealed class CheckTests(ApiHost host)
{
    [Fact]
    public async Task The_check_is_200_while_an_active_assignment_exists_and_404_otherwise()
    {
        World world = await World.CreateAsync(host.Server);
        string email = world.User.Email!.Text;
        Assert.Equal(HttpStatusCode.NotFound, await world.CheckAsync(email));

        long id = await world.AssignAsync(world.User);
        using HttpResponseMessage active = await world.Client.GetAsync($"{World.Check}?email={Uri.EscapeDataString(email)}", World.Cancellation);
        Assert.Equal("""{"active":true}""", (await active.OkAsync()).ToJsonString());
        Assert.Equal(HttpStatusCode.OK, await world.CheckAsync(email.ToUpperInvariant()));

        using HttpResponseMessage inactive = await world.PutAsync(world.User, new { active = false });
        Assert.Equal(HttpStatusCode.NotFound, await world.CheckAsync(email));
        using HttpResponseMessage again = await world.PutAsync(world.User);
        Assert.Equal(HttpStatusCode.OK, await world.CheckAsync(email));
        using HttpResponseMessage deleted = await world.DeleteAsync(id);
        Assert.Equal(HttpStatusCode.NotFound, await world.CheckAsync(email));
    }

    [Fact]
    public async Task The_check_covers_all_platforms()
    {
        World one = await World.CreateAsync(host.Server);
        World other = await World.CreateAsync(host.Server);
        string email = "shared@example.com";
        await one.AddUserAsync("shared", email);
        User user = await other.AddUserAsync("shared", email);

        Assert.Equal(HttpStatusCode.NotFound, await one.CheckAsync(email));
        await other.AssignAsync(user);
        Assert.Equal(HttpStatusCode.OK, await one.CheckAsync(email));
    }

    [Fact]
    public async Task An_unknown_address_is_404()
    {
        World world = await World.CreateAsync(host.Server);
        using HttpResponseMessage response = await world.Client.GetAsync($"{World.Check}?email=nobody@example.com", World.Cancellation);
        await response.ProblemAsync(404, "no_active_assignment");
    }

    [Theory]
    [InlineData("")]
    [InlineData("?email=")]
    [InlineData("?email=nobody")]
    [InlineData("?email=a@example.com&email=b@example.com")]
    public async Task The_address_is_required_and_must_be_valid(string query)
    {
        World world = await World.CreateAsync(host.Server);
        using HttpResponseMessage response = await world.Client.GetAsync(World.Check + query, World.Cancellation);
        await response.InvalidAsync("email");
    }
}
