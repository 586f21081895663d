using Functions.Responses;
using Xunit;

namespace Functions.Unit.Tests.Requests;

/// <summary>The syntax of multipart forms and the headers of their parts; what the fields mean is in FormTests.</summary>
public sealed class MultipartTests
{
    private const string License = "Content-Disposition: form-data; name=license_id\r\n\r\n1\r\n";
    private const string User = "Content-Disposition: form-data; name=user_id\r\n\r\n2\r\n";

    [Theory]
    [InlineData("multipart/form-data", $"--x\r\n{License}--x--\r\n")]
    [InlineData("multipart/form-data; boundary=\"\"", "--x--\r\n")]
    [InlineData("multipart/form-data; boundary=\"\"", $"--\r\n{License}--\r\n{User}----\r\n")]
    [InlineData("multipart/form-data; boundary=x", "")]
    [InlineData("multipart/form-data; boundary=x", "license_id=1")]
    [InlineData("multipart/form-data; boundary=y", $"--x\r\n{License}--x--\r\n")]
    [InlineData("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=license_id\r\n\r\n1")]
    [InlineData("multipart/form-data; boundary=x", $"--x\r\n{License}--x\r\n{User}--x\r\n\r\n1\r\n--x--\r\n")]
    [InlineData("multipart/form-data; boundary=x", $"--x\r\n{License}--x\r\n{User}--x\r\nnonsense\r\n\r\n1\r\n--x--\r\n")]
    [InlineData("multipart/form-data; boundary=x", $"--x\r\n{License}--x\r\n{User}--x\r\nContent-Disposition: ;;;\r\n\r\n1\r\n--x--\r\n")]
    [InlineData("multipart/form-data; boundary=x", $"--x\r\n{License}--x\r\n{User}--x\r\nContent-Disposition: attachment; name=active\r\n\r\ntrue\r\n--x--\r\n")]
    public async Task A_multipart_form_that_cannot_be_parsed_is_malformed(string mediaType, string form) =>
        Assert.Same(Problem.MalformedForm, (await Posted.ReadAsync(form, mediaType)).Problem);

    [Fact]
    public async Task A_boundary_may_be_quoted() => Assert.Equal(2, (await ReadAsync("\"a b\"", "a b")).Valid.UserId);

    [Fact]
    public async Task A_boundary_of_70_characters_is_accepted_and_a_longer_one_is_malformed()
    {
        string longest = new('x', 70);
        string longer = new('x', 71);

        Assert.Equal(2, (await ReadAsync(longest, longest)).Valid.UserId);
        Assert.Same(Problem.MalformedForm, (await ReadAsync(longer, longer)).Problem);
    }

    [Fact]
    public async Task Excessive_part_headers_are_malformed()
    {
        string many = string.Concat(Enumerable.Range(0, 1_000).Select(i => $"h{i}: 1\r\n"));
        string large = $"h: {new string('x', 60_000)}\r\n";

        foreach (string headers in new[] { many, large })
        {
            Posted posted = await Posted.ReadPartAsync($"{headers}Content-Disposition: form-data; name=unknown\r\n\r\n1");

            Assert.Same(Problem.MalformedForm, posted.Problem);
        }
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("Application/JSON; charset=UTF-8")]
    [InlineData("application/scim+json")]
    public async Task Metadata_may_come_as_a_browsers_Blob(string mediaType)
    {
        Posted posted = await Posted.ReadPartAsync(
            $"Content-Disposition: form-data; name=\"metadata\"; filename=\"blob\"\r\nContent-Type: {mediaType}\r\n\r\n\ufeff{{\"x\": 1}}");

        Assert.Equal("""{"x":1}""", posted.Valid.Metadata);
    }

    [Theory]
    [InlineData("name=metadata; filename=m.txt", "text/plain", "metadata")]
    [InlineData("name=metadata; filename=m.json", null, "metadata")]
    [InlineData("name=metadata; filename=m.json", "nonsense", "metadata")]
    [InlineData("name=email; filename=blob", "application/json", "email")]
    [InlineData("name=active; filename*=utf-8''blob", "application/json", "active")]
    public async Task A_file_is_rejected_for_a_text_field(string part, string? mediaType, string field)
    {
        string type = mediaType is null ? "" : $"\r\nContent-Type: {mediaType}";

        Posted posted = await Posted.ReadPartAsync($"Content-Disposition: form-data; {part}{type}\r\n\r\n{{}}");

        Assert.Equal([$"`{field}` in the body must be a value, not a file."], posted.Messages);
    }

    [Theory]
    [InlineData("name=photo; filename=photo.png", "image/png")]
    [InlineData("name=photo; filename=photo.png", "text/plain; charset=utf-16")]
    [InlineData("filename=photo.png", "image/png")]
    [InlineData("name=email; filename=\"\"", "application/octet-stream")]
    public async Task An_unknown_file_and_an_empty_file_input_are_ignored(string part, string mediaType)
    {
        Posted posted = await Posted.ReadPartAsync($"Content-Disposition: form-data; {part}\r\nContent-Type: {mediaType}\r\n\r\n");

        Assert.Equal(2, posted.Valid.UserId);
    }

    [Fact]
    public async Task A_field_that_is_a_file_and_a_value_has_one_error_whichever_comes_first()
    {
        const string File = "Content-Disposition: form-data; name=email; filename=blob\r\n\r\nada@example.com";
        const string Value = "Content-Disposition: form-data; name=email\r\n\r\nada@example.com";

        foreach ((string first, string second) in new[] { (File, Value), (Value, File) })
        {
            Posted posted = await Posted.ReadPartAsync($"{first}\r\n--x\r\n{second}");

            Assert.Equal(["`email` in the body must be a value, not a file."], posted.Messages);
            Assert.Null(posted.Body!.Email);
        }
    }

    [Fact]
    public async Task An_invalid_user_is_one_error()
    {
        Posted posted = await Posted.ReadAsync(
            $"--x\r\n{License}--x\r\nContent-Disposition: form-data; name=user_id; filename=blob\r\n\r\n2\r\n--x--\r\n", "multipart/form-data; boundary=x");

        Assert.Equal(["`user_id` in the body must be a value, not a file."], posted.Messages);
    }

    [Theory]
    [InlineData("utf-16", false)]
    [InlineData("iso-8859-1", false)]
    [InlineData("nonsense", false)]
    [InlineData("utf-8", true)]
    [InlineData("\"UTF-8\"", true)]
    [InlineData("US-ASCII", true)]
    [InlineData("", true)]
    public async Task A_form_part_may_be_UTF_8_or_ASCII_only(string charset, bool accepted)
    {
        Posted posted = await Posted.ReadPartAsync($"Content-Disposition: form-data; name=fulfilled\r\nContent-Type: text/plain; charset={charset}\r\n\r\ntrue");

        Assert.Same(accepted ? null : Problem.BodyNotUtf8, posted.Problem);
        Assert.Equal(accepted ? true : null, posted.Body?.Fulfilled);
    }

    [Theory]
    [InlineData("CONTENT-DISPOSITION: FORM-DATA; NAME=fulfilled\r\n\r\ntrue", true)]
    [InlineData("content-disposition:form-data;name=\"fulfilled\"\r\nCONTENT-TYPE: TEXT/PLAIN; CHARSET=UTF-8\r\n\r\ntrue", true)]
    [InlineData("Content-Disposition: form-data; name=FULFILLED\r\n\r\ntrue", false)]
    public async Task Part_headers_are_case_insensitive_and_field_names_case_sensitive(string part, bool fulfilled) =>
        Assert.Equal(fulfilled, (await Posted.ReadPartAsync(part)).Valid.Fulfilled);

    private static Task<Posted> ReadAsync(string given, string boundary) => Posted.ReadAsync(
        $"--{boundary}\r\n{License}--{boundary}\r\n{User}--{boundary}--\r\n", $"multipart/form-data; boundary={given}");
}
