using System.Text.Json;
using Azure;
using Azure.Data.Tables;
using Microsoft.AspNetCore.Http;
using Moq;
using Xunit;

namespace Functions.Unit.Tests;

public sealed class FunctionTests
{
    [Fact]
    public async Task A_create_makes_one_transaction_and_returns_all_eleven_members()
    {
        await using Api api = await Api.StartAsync();

        (HttpResponse response, JsonElement? body) = await api.CreateAsync($$"""{"license_id": {{api.License.Id}}, "user_id": {{api.User.Id}}}""");

        Assert.Equal(200, response.StatusCode);
        Assert.Equal("no-store", response.Headers.CacheControl);
        Assert.Equal(
            ["id", "user_id", "username", "email", "active", "fulfilled", "redirect_to", "metadata", "license_id", "license_name", "platform_key"],
            body!.Value.EnumerateObject().Select(member => member.Name));
        Assert.Equal("ada@example.com", body.Value.GetProperty("email").GetString());
        Verify(api, Times.Once());
    }

    [Fact]
    public async Task A_create_without_a_free_seat_writes_nothing_and_returns_the_seats()
    {
        await using Api api = await Api.StartAsync(seats: 0);

        (HttpResponse response, JsonElement? body) = await api.CreateAsync($$"""{"license_id": {{api.License.Id}}, "user_id": {{api.User.Id}}}""");

        Assert.Equal(400, response.StatusCode);
        Assert.Equal("seats_exhausted", body!.Value.GetProperty("code").GetString());
        Assert.Equal(0, body.Value.GetProperty("seats").GetInt64());
        Verify(api, Times.Never());
    }

    [Fact]
    public async Task A_delete_frees_the_seat_and_the_check_no_longer_finds_it()
    {
        await using Api api = await Api.StartAsync();
        (_, JsonElement? created) = await api.CreateAsync($$"""{"license_id": {{api.License.Id}}, "email": "ADA@example.com"}""");
        Assert.True((await api.CheckAsync("ada@example.com")).Body!.Value.GetProperty("active").GetBoolean());

        (HttpResponse deleted, JsonElement? body) = await api.DeleteAsync(created!.Value.GetProperty("id").GetInt64());
        (HttpResponse check, JsonElement? problem) = await api.CheckAsync("ada@example.com");

        Assert.Equal(200, deleted.StatusCode);
        Assert.Null(body);
        Assert.Equal(404, check.StatusCode);
        Assert.Equal("no_active_assignment", problem!.Value.GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_create_that_storage_denies_is_503_with_Retry_After()
    {
        await using Api api = await Api.StartAsync();
        api.Assignments
            .Setup(table => table.SubmitTransactionAsync(It.IsAny<IEnumerable<TableTransactionAction>>(), It.IsAny<CancellationToken>()))
            .ThrowsAsync(new RequestFailedException(403, "AuthorizationFailure"));

        (HttpResponse response, JsonElement? body) = await api.CreateAsync($$"""{"license_id": {{api.License.Id}}, "user_id": {{api.User.Id}}}""");

        Assert.Equal(503, response.StatusCode);
        Assert.Equal("storage_unavailable", body!.Value.GetProperty("code").GetString());
        Assert.NotEmpty(response.Headers.RetryAfter.ToString());
    }

    [Fact]
    public async Task An_unexpected_exception_is_500_and_the_response_reveals_none_of_it()
    {
        await using Api api = await Api.StartAsync();
        api.Assignments
            .Setup(table => table.SubmitTransactionAsync(It.IsAny<IEnumerable<TableTransactionAction>>(), It.IsAny<CancellationToken>()))
            .ThrowsAsync(new InvalidOperationException("the secret of ada@example.com"));

        (HttpResponse response, JsonElement? body) = await api.CreateAsync($$"""{"license_id": {{api.License.Id}}, "user_id": {{api.User.Id}}}""");

        Assert.Equal(500, response.StatusCode);
        Assert.Equal("internal_error", body!.Value.GetProperty("code").GetString());
        Assert.DoesNotContain("ada", body.Value.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_malformed_key_makes_no_storage_call()
    {
        await using Api api = await Api.StartAsync();

        (HttpResponse response, _) = await api.CreateAsync("{}", secret: "not a key");

        Assert.Equal(401, response.StatusCode);
        Assert.Equal("Api-Key", response.Headers.WWWAuthenticate);
        api.Assignments.VerifyNoOtherCalls();
    }

    [Fact]
    public async Task All_errors_of_a_create_are_reported_at_once_and_nothing_is_written()
    {
        await using Api api = await Api.StartAsync();

        (HttpResponse response, JsonElement? body) = await api.CreateAsync("""{"license_id": "1", "email": "nobody", "active": 1}""");

        Assert.Equal(400, response.StatusCode);
        Assert.Equal(
            ["active", "email", "license_id"],
            body!.Value.GetProperty("errors").EnumerateObject().Select(error => error.Name).Order());
        api.Assignments.VerifyNoOtherCalls();
    }

    private static void Verify(Api api, Times transactions) => api.Assignments.Verify(
        table => table.SubmitTransactionAsync(It.IsAny<IEnumerable<TableTransactionAction>>(), It.IsAny<CancellationToken>()), transactions);
}
