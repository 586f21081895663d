using Functions.Requests;
using Licensing.Users;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Functions.Unit.Tests.Requests;

/// <summary>The query parameters of the three functions, by the contract's table.</summary>
public sealed class AssignmentQueryTests
{
    [Fact]
    public void License_id_is_required_and_assignment_id_by_DELETE()
    {
        Assert.Equal(["`license_id` in the query is required."], MessagesOf("", withAssignmentId: false));
        Assert.Equal(
            ["`license_id` in the query is required.", "`assignment_id` in the query is required."],
            MessagesOf("", withAssignmentId: true));
    }

    [Fact]
    public void All_parameters_of_DELETE_are_read_and_POST_has_no_assignment_id()
    {
        const string Query = "?license_id=1&assignment_id=2&platform_key=acme&platform_org=Acme%20Inc.&page=0&page_size=-1&sort=-created";

        Assert.Equal(new AssignmentQuery(1, 2, "acme", "Acme Inc."), ReadValid(Query, withAssignmentId: true));
        Assert.Equal(new AssignmentQuery(1, 0, "acme", "Acme Inc."), ReadValid(Query, withAssignmentId: false));
        Assert.Equal(new AssignmentQuery(1, 0, null, null), ReadValid("?license_id=1", withAssignmentId: false));
    }

    [Theory]
    [InlineData("license_id", "", "must be a 64-bit integer")]
    [InlineData("assignment_id", "x", "must be a 64-bit integer")]
    [InlineData("page", "", "must be a 64-bit integer")]
    [InlineData("page_size", "1.5", "must be a 64-bit integer")]
    [InlineData("sort", "", "must not be empty")]
    [InlineData("platform_key", "", "must not be empty")]
    [InlineData("platform_org", "", "must not be empty")]
    public void A_parameter_that_breaks_its_rule_is_rejected(string name, string value, string rule)
    {
        Dictionary<string, string> parameters = new() { ["license_id"] = "1", ["assignment_id"] = "2", [name] = value };

        Assert.Equal(
            [$"`{name}` in the query {rule}."],
            MessagesOf("?" + string.Join('&', parameters.Select(each => $"{each.Key}={each.Value}")), withAssignmentId: true));
    }

    [Theory]
    [InlineData("license_id")]
    [InlineData("assignment_id")]
    [InlineData("page")]
    [InlineData("page_size")]
    [InlineData("sort")]
    [InlineData("platform_key")]
    [InlineData("platform_org")]
    public void A_repeated_parameter_is_rejected(string name)
    {
        string others = string.Concat(new[] { "license_id", "assignment_id" }.Where(each => each != name).Select(each => $"&{each}=1"));

        Assert.Equal(
            [$"`{name}` in the query must not be repeated."], MessagesOf($"?{name}=1&{name}=1&{name}=2{others}", withAssignmentId: true));
    }

    [Theory]
    [InlineData("?license_id=1&unknown=1&unknown=2&=&&PAGE=x")]
    [InlineData("?license_id=1&LICENSE_ID=2&License_Id=x&Platform_Key=another&SORT=&page=1&Page=2")]
    [InlineData("?license%5Fid=%31")]
    public void Unknown_parameters_are_ignored_and_names_are_case_sensitive_and_percent_decoded(string query) =>
        Assert.Equal(new AssignmentQuery(1, 0, null, null), ReadValid(query, withAssignmentId: false));

    [Theory]
    [InlineData("0", 0)]
    [InlineData("-1", -1)]
    [InlineData("%2B1", 1)]
    [InlineData("001", 1)]
    [InlineData("9223372036854775807", long.MaxValue)]
    [InlineData("-9223372036854775808", long.MinValue)]
    public void Signs_leading_zeros_and_escapes_are_accepted_in_integers(string text, long value) =>
        Assert.Equal(value, ReadValid($"?license_id={text}", withAssignmentId: false).LicenseId);

    [Theory]
    [InlineData("1e3")]
    [InlineData("1.0")]
    [InlineData("9223372036854775808")]
    [InlineData("%201")]
    [InlineData("1%20")]
    [InlineData("1%00")]
    [InlineData("0x1")]
    [InlineData("1,000")]
    [InlineData("%D9%A1")]
    public void Text_that_is_not_an_integer_is_rejected(string text) =>
        Assert.Equal(["`license_id` in the query must be a 64-bit integer."], MessagesOf($"?license_id={text}", withAssignmentId: false));

    [Fact]
    public void The_check_reads_the_address()
    {
        (EmailAddress? email, IEnumerable<string> messages) = ReadEmail("?email=Ada%2Bx@example.com&license_id=x");

        Assert.Equal("Ada+x@example.com", email!.Text);
        Assert.Empty(messages);
    }

    [Theory]
    [InlineData("", "`email` in the query is required.")]
    [InlineData("?Email=ada@example.com", "`email` in the query is required.")]
    [InlineData("?email=", "`email` in the query must not be empty.")]
    [InlineData("?email=ada@example.com&email=bob@example.com", "`email` in the query must not be repeated.")]
    [InlineData("?email=nobody", "`email` in the query must be an e-mail address.")]
    [InlineData("?email=a+b", "`email` in the query must be an e-mail address.")]
    [InlineData("?email=a+b@example.com", "`email` in the query must be an e-mail address; send a plus sign as %2B.")]
    [InlineData("?email=+a+b@example.com+", "`email` in the query must be an e-mail address; send a plus sign as %2B.")]
    public void The_check_rejects_a_missing_or_invalid_address_and_says_how_to_send_it(string query, string message)
    {
        (EmailAddress? email, IEnumerable<string> messages) = ReadEmail(query);

        Assert.Null(email);
        Assert.Equal([message], messages);
    }

    private static AssignmentQuery ReadValid(string query, bool withAssignmentId)
    {
        ValidationErrors errors = new();
        AssignmentQuery read = AssignmentQuery.Read(new QueryString(query), withAssignmentId, errors);
        Assert.False(errors.Any);
        return read;
    }

    private static IEnumerable<string> MessagesOf(string query, bool withAssignmentId)
    {
        ValidationErrors errors = new();
        _ = AssignmentQuery.Read(new QueryString(query), withAssignmentId, errors);
        return errors.Messages();
    }

    private static (EmailAddress? Email, IEnumerable<string> Messages) ReadEmail(string query)
    {
        ValidationErrors errors = new();
        return (AssignmentQuery.ReadEmail(new QueryString(query), errors), errors.Messages());
    }
}
