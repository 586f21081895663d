using Functions.Requests;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Xunit;

namespace Functions.Unit.Tests.Requests;

/// <summary>How a repeated request is recognized.</summary>
public sealed class WriteIdTests
{
    private static readonly string Longest = new('k', 255);

    [Fact]
    public void An_Idempotency_Key_is_one_header_of_1_to_255_visible_ASCII_characters()
    {
        foreach (string valid in new[] { Longest, "!", "~", "\"8e03978e-40d5-43dd-bc93-6894a57f9324\"" })
        {
            (string? key, IEnumerable<string> messages) = ReadKey(valid);

            Assert.Equal(valid, key);
            Assert.Empty(messages);
        }

        foreach (string[] invalid in new string[][] { [""], [Longest + "k"], ["two words"], ["clé"], ["a\u007f"], ["tab\there"], ["one", "two"], ["same", "same"] })
        {
            (string? key, IEnumerable<string> messages) = ReadKey(invalid);

            Assert.Null(key);
            Assert.Equal(["Idempotency-Key must be one header of 1 to 255 visible ASCII characters."], messages);
        }
    }

    [Fact]
    public void An_Idempotency_Key_is_optional()
    {
        (string? key, IEnumerable<string> messages) = ReadKey();

        Assert.Null(key);
        Assert.Empty(messages);
    }

    [Fact]
    public void A_repeated_key_and_request_give_the_same_id_in_any_invocation()
    {
        Guid first = WriteId.Of(Invocation(Guid.NewGuid().ToString()), "key", "acme", "create", 1L, null, "ada@example.com", true);
        Guid second = WriteId.Of(Invocation(), "key", "acme", "create", 1L, null, "ada@example.com", true);

        Assert.Equal(first, second);
    }

    /// <summary>If this changed, a delete repeated during the rollout of a new version would be 404.</summary>
    [Fact]
    public void The_id_for_a_key_never_changes_between_versions() =>
        Assert.Equal(
            new Guid("3c167811-301a-a3a9-6633-2bcc3ccf266d"),
            WriteId.Of(Invocation(), "key", "acme", "create", -1L, null, "ada@example.com", true));

    [Fact]
    public void A_repeated_key_with_another_request_gives_another_id()
    {
        Guid[] ids =
        [
            WriteId.Of(Invocation(), "key", "acme", "delete", 1L, 23L),
            WriteId.Of(Invocation(), "KEY", "acme", "delete", 1L, 23L),
            WriteId.Of(Invocation(), "key", "other", "delete", 1L, 23L),
            WriteId.Of(Invocation(), "key", "acme", "create", 1L, 23L),
            WriteId.Of(Invocation(), "key", "acme", "delete", 12L, 3L),
            WriteId.Of(Invocation(), "key", "acme", "delete", 1L, null, 23L),
            WriteId.Of(Invocation(), "keyacme", "", "delete", 1L, 23L),
        ];

        Assert.Distinct(ids);
    }

    [Fact]
    public void Without_a_key_the_id_is_that_of_the_invocation()
    {
        Guid invocation = Guid.NewGuid();

        Assert.Equal(invocation, WriteId.Of(Invocation(invocation.ToString()), key: null, "acme", "delete", 1L));
    }

    [Theory]
    [InlineData]
    [InlineData("")]
    [InlineData("nonsense")]
    public void Without_a_key_and_an_invocation_every_request_gets_its_own_id(params string[] invocation)
    {
        Guid first = WriteId.Of(Invocation(invocation), key: null, "acme", "delete", 1L);
        Guid second = WriteId.Of(Invocation(invocation), key: null, "acme", "delete", 1L);

        Assert.NotEqual(Guid.Empty, first);
        Assert.NotEqual(first, second);
    }

    private static (string? Key, IEnumerable<string> Messages) ReadKey(params string[] keys)
    {
        DefaultHttpContext context = new();
        context.Request.Headers["Idempotency-Key"] = new StringValues(keys);
        ValidationErrors errors = new();
        return (IdempotencyKeyHeader.Read(context.Request, errors), errors.Messages());
    }

    private static HttpRequest Invocation(params string[] ids)
    {
        DefaultHttpContext context = new();
        context.Request.Headers["x-ms-invocation-id"] = new StringValues(ids);
        return context.Request;
    }
}
