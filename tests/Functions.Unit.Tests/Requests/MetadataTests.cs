using Xunit;

namespace Functions.Unit.Tests.Requests;

public sealed class MetadataTests
{
    private const string TooLong = "`metadata` in the body must have at most 32,000 characters as JSON.";
    private const string TooDeep = "`metadata` in the body must not be nested deeper than 32 levels.";

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"number":[1e400,1.0,-0,9007199254740993,123456789012345678901234567890]}""")]
    [InlineData("""{"":"","a b":{"$odata.type":"x"},"a":[[],{}]}""")]
    [InlineData("""{"text":"äöü用户 </script> & ' + % # ? / ~"}""")]
    [InlineData("""{"repeated":1,"repeated":2}""")]
    public async Task Metadata_is_kept_unchanged(string metadata) => Assert.Equal(metadata, (await ReadAsync(metadata)).Valid.Metadata);

    [Fact]
    public async Task Metadata_is_kept_without_space_between_its_members() =>
        Assert.Equal("""{"a":[1,2],"b":" "}""", (await ReadAsync(" { \"a\" : [ 1,\r\n\t2 ], \"b\": \" \" } ")).Valid.Metadata);

    [Theory]
    [InlineData('x')]
    [InlineData('ä')]
    public async Task Metadata_of_32000_characters_is_kept_and_one_more_is_rejected(char letter)
    {
        static string Metadata(char letter, int length) => $$"""{"a":"{{new string(letter, length - """{"a":""}""".Length)}}"}""";

        Assert.Equal(32_000, (await ReadAsync(Metadata(letter, 32_000))).Valid.Metadata!.Length);
        Posted refused = await ReadAsync(Metadata(letter, 32_001));

        Assert.Equal([TooLong], refused.Messages);
        Assert.Null(refused.Body!.Metadata);
    }

    [Fact]
    public async Task Space_between_members_does_not_count_and_an_emoji_counts_as_twelve_characters()
    {
        static string Metadata(int emojis) => $$"""{"a":"{{string.Concat(Enumerable.Repeat("\ud83d\ude00", emojis))}}"{{new string(' ', 40_000)}}}""";

        Assert.Equal("""{"a":""}""".Length + (12 * 2_666), (await ReadAsync(Metadata(2_666))).Valid.Metadata!.Length);
        Assert.Equal([TooLong], (await ReadAsync(Metadata(2_667))).Messages);
    }

    /// <summary>The deeply nested member is between shallow ones.</summary>
    [Theory]
    [InlineData("{\"a\":", "}")]
    [InlineData("{\"a\":1,\"b\":", ",\"c\":{}}")]
    public async Task Metadata_nested_32_deep_is_kept_and_deeper_is_rejected(string open, string close)
    {
        Assert.NotNull((await ReadAsync(Nested(32, open, close, "{}"))).Valid.Metadata);
        Assert.NotNull((await ReadAsync(Nested(32, open, close, "[]"))).Valid.Metadata);
        Posted refused = await ReadAsync(Nested(33, open, close, "{}"));

        Assert.Equal([TooDeep], refused.Messages);
        Assert.Null(refused.Body!.Metadata);
        Assert.Equal([TooDeep], (await ReadAsync(Nested(33, open, close, "[]"))).Messages);
    }

    [Theory]
    [InlineData("[", "]")]
    [InlineData("[1,{},", ",[]]")]
    public async Task Arrays_count_as_levels_too(string open, string close)
    {
        Assert.NotNull((await ReadAsync($$"""{"a":{{Nested(31, open, close, "[]")}}}""")).Valid.Metadata);
        Assert.Equal([TooDeep], (await ReadAsync($$"""{"a":{{Nested(32, open, close, "[]")}}}""")).Messages);
    }

    private static Task<Posted> ReadAsync(string metadata) => Posted.ReadAsync($$"""{"license_id":1,"user_id":2,"metadata":{{metadata}}}""");

    private static string Nested(int depth, string open, string close, string innermost) =>
        string.Concat(Enumerable.Repeat(open, depth - 1)) + innermost + string.Concat(Enumerable.Repeat(close, depth - 1));
}
