using Functions.Requests;
using Functions.Responses;
using Xunit;

namespace Functions.Unit.Tests.Requests;

public sealed class ValidationErrorsTests
{
    [Fact]
    public void A_problem_has_every_message_of_every_field_in_order()
    {
        ValidationErrors errors = new();
        errors.AddQuery("page", "must be a 64-bit integer");
        errors.AddBody("email", "must be a string");
        errors.Add("page", "Another message.");

        Problem problem = errors.ToProblem();

        Assert.Equal((400, "invalid_request"), (problem.Status, problem.Code));
        Assert.Equal(["page", "email"], problem.Errors!.Keys);
        Assert.Equal(["`page` in the query must be a 64-bit integer.", "Another message."], problem.Errors["page"]);
        Assert.Equal(["`email` in the body must be a string."], problem.Errors["email"]);
    }

    [Fact]
    public void Only_invalid_fields_have_errors()
    {
        ValidationErrors errors = new();
        Assert.False(errors.Any);
        Assert.False(errors.Has("email"));

        errors.AddBody("email", "must be a string");

        Assert.True(errors.Any);
        Assert.True(errors.Has("email"));
        Assert.False(errors.Has("page"));
    }
}
