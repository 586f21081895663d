using System.Text.Json.Nodes;
using Licensing.Users;
using Licensing.Verification;
using Microsoft.Extensions.DependencyInjection;
using TestSupport;
using Xunit;

namespace Functions.Tests;

/// <summary>Every instance notices at its next create that a user was removed, invited again or given another address.</summary>
public sealed class UserChangeTests(ApiHost host) : IAsyncLifetime
{
    private LocalHostServer _other = null!;
    private World _admin = null!;

    /// <summary>The same platform on another instance, which has its own caches.</summary>
    private World _warm = null!;

    public async ValueTask InitializeAsync()
    {
        _other = await host.StartAnotherAsync();
        _admin = await World.CreateAsync(host.Server, seats: 5, users: 3);
        _warm = new World(_other, _admin.Platform, _admin.Key, _admin.License, _admin.Users);
    }

    public ValueTask DisposeAsync() => _other.DisposeAsync();

    private UserStore Users => _admin.Services.GetRequiredService<UserStore>();

    private User Ada => _admin.User;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_removed_and_recreated_user_gets_the_seat(bool active)
    {
        await WarmAsync();
        await Users.RemoveAsync(Ada, World.Cancellation);
        User again = await _admin.AddUserAsync("ada", Ada.Email!.Text);

        JsonObject first = await OkAsync(_warm, Ada.Email, active);
        JsonObject second = await OkAsync(_admin, Ada.Email, active);

        Assert.Equal(again.Id, first["user_id"]!.GetValue<long>());
        Assert.Equal(first.ToJsonString(), second.ToJsonString());
        await CleanAsync();
    }

    [Fact]
    public async Task A_removed_user_gets_no_seat_by_address_or_id()
    {
        await WarmAsync();
        using HttpResponseMessage byId = await _warm.PutAsync(Ada, new { active = false });
        using HttpResponseMessage freed = await _warm.DeleteAsync((await byId.OkAsync())["id"]!.GetValue<long>());
        await Users.RemoveAsync(Ada, World.Cancellation);

        using HttpResponseMessage byAddress = await PostAsync(_warm, Ada.Email!);
        using HttpResponseMessage byIdAgain = await _warm.PutAsync(Ada);

        await byAddress.ProblemAsync(404, "user_not_found");
        await byIdAgain.ProblemAsync(404, "user_not_found");
        await CleanAsync();
    }

    [Fact]
    public async Task An_address_reassigned_to_another_user_identifies_that_user()
    {
        await WarmAsync();
        await MoveAsync("ada.moved");
        User other = await _admin.AddUserAsync("other", Ada.Email!.Text);

        JsonObject saved = await OkAsync(_warm, Ada.Email, active: true);

        Assert.Equal(other.Id, saved["user_id"]!.GetValue<long>());
        await CleanAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_address_reassigned_to_another_user_does_not_change_the_old_users_assignment(bool changes)
    {
        JsonObject had = await OkAsync(_warm, Ada.Email!, active: true);
        await MoveAsync("ada.moved");
        User other = await _admin.AddUserAsync("other", Ada.Email!.Text);

        JsonObject saved = await OkAsync(_warm, Ada.Email, active: !changes);

        Assert.Equal(other.Id, saved["user_id"]!.GetValue<long>());
        Assert.NotEqual(had["id"]!.GetValue<long>(), saved["id"]!.GetValue<long>());
        using HttpResponseMessage byId = await _warm.PutAsync(Ada);
        JsonObject kept = await byId.OkAsync();
        Assert.Equal(had["id"]!.GetValue<long>(), kept["id"]!.GetValue<long>());
        Assert.Equal($"ada.moved@{_admin.Platform.Key}.example.com", kept["email"]!.GetValue<string>());
        await CleanAsync();
    }

    [Fact]
    public async Task An_address_moved_to_another_user_identifies_that_user_and_the_old_one_is_found_by_id()
    {
        await WarmAsync();
        await MoveAsync("ada.moved");
        await UpdateAsync(_admin.Users[1], Ada.Email!);

        JsonObject saved = await OkAsync(_warm, Ada.Email!, active: true);
        using HttpResponseMessage byId = await _warm.PutAsync(Ada);

        Assert.Equal(_admin.Users[1].Id, saved["user_id"]!.GetValue<long>());
        JsonObject old = await byId.OkAsync();
        Assert.Equal(
            (Ada.Id, $"ada.moved@{_admin.Platform.Key}.example.com"), (old["user_id"]!.GetValue<long>(), old["email"]!.GetValue<string>()));
        await CleanAsync();
    }

    [Fact]
    public async Task An_id_and_an_address_that_no_longer_match_are_rejected()
    {
        await WarmAsync();
        await MoveAsync("ada.moved");
        await _admin.AddUserAsync("other", Ada.Email!.Text);

        using HttpResponseMessage both = await _warm.PutAsync(Ada, new { email = Ada.Email.Text });

        await both.ProblemAsync(400, "invalid_request");
        await CleanAsync();
    }

    [Fact]
    public async Task An_address_moved_to_another_user_identifies_that_user_after_a_request_by_the_old_id()
    {
        await WarmAsync();
        await MoveAsync("ada.moved");
        await _warm.AssignAsync(Ada);
        User other = await _admin.AddUserAsync("other", Ada.Email!.Text);

        JsonObject saved = await OkAsync(_warm, Ada.Email, active: false);

        Assert.Equal(other.Id, saved["user_id"]!.GetValue<long>());
        await CleanAsync();
    }

    /// <summary>Makes the other instance cache the address, with a request that changes nothing.</summary>
    private async Task WarmAsync()
    {
        using HttpResponseMessage response = await _warm.PutAsync(
            _warm.License.Id, new JsonObject { ["license_id"] = _warm.License.Id, ["email"] = Ada.Email!.Text, ["user_id"] = Ada.Id, ["active"] = false });
        using HttpResponseMessage deleted = await _warm.DeleteAsync((await response.OkAsync())["id"]!.GetValue<long>());
        Assert.True(deleted.IsSuccessStatusCode);
    }

    private Task MoveAsync(string name)
    {
        Assert.True(EmailAddress.TryParse($"{name}@{_admin.Platform.Key}.example.com", out EmailAddress? address));
        return UpdateAsync(Ada, address);
    }

    private async Task UpdateAsync(User user, EmailAddress address) => Assert.IsType<UpdateUserOutcome.Updated>(
        await Users.UpdateAsync(_admin.Platform.Key, user.Id, current => current with { Email = address }, World.Cancellation));

    private static Task<HttpResponseMessage> PostAsync(World world, EmailAddress email, bool active = true) => world.PutAsync(
        world.License.Id, new JsonObject { ["license_id"] = world.License.Id, ["email"] = email.Text, ["active"] = active });

    private static async Task<JsonObject> OkAsync(World world, EmailAddress email, bool active)
    {
        using HttpResponseMessage response = await PostAsync(world, email, active);
        return await response.OkAsync();
    }

    private async Task CleanAsync() => Assert.Empty((await _admin.Services.GetRequiredService<Verifier>()
        .VerifyAsync(_admin.Platform.Key, repair: false, progress: null, World.Cancellation)).Violations);
}
