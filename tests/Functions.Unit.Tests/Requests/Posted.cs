using System.Text;
using Functions.Requests;
using Functions.Responses;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Functions.Unit.Tests.Requests;

/// <summary>What the function reads from the body of a POST request for license 1.</summary>
internal sealed record Posted(AssignmentBody? Body, Problem? Problem, ValidationErrors Errors)
{
    public const string UrlEncoded = "application/x-www-form-urlencoded";

    public IEnumerable<string> Fields => Errors.Fields();

    public IEnumerable<string> Messages => Errors.Messages();

    /// <summary>The body, of which nothing may be invalid.</summary>
    public AssignmentBody Valid
    {
        get
        {
            Assert.Null(Problem);
            Assert.Empty(Messages);
            return Body!;
        }
    }

    public static Task<Posted> ReadAsync(string body, string? contentType = "application/json") =>
        ReadAsync(Encoding.UTF8.GetBytes(body), contentType);

    public static Task<Posted> ReadAsync(byte[] body, string? contentType = "application/json") =>
        ReadAsync(Request(new MemoryStream(body), contentType), TestContext.Current.CancellationToken);

    public static async Task<Posted> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        ValidationErrors errors = new();
        AssignmentQuery query = AssignmentQuery.Read(new QueryString("?license_id=1"), withAssignmentId: false, errors);
        (AssignmentBody? body, Problem? problem) = await RequestBody.ReadAsync(request, query, errors, cancellationToken);
        return new Posted(body, problem, errors);
    }

    /// <summary>Reads a multipart form of a license, a user and this part, its headers included.</summary>
    public static Task<Posted> ReadPartAsync(string part) => ReadAsync(Multipart(part), "multipart/form-data; boundary=x");

    public static string Multipart(string part) => string.Concat(
        new[]
        {
            "Content-Disposition: form-data; name=license_id\r\n\r\n1",
            "Content-Disposition: form-data; name=user_id\r\n\r\n2",
            part,
        }.Select(each => $"--x\r\n{each}\r\n")) + "--x--\r\n";

    /// <summary>Reads the fields as a browser sends a form of this kind.</summary>
    public static async Task<Posted> ReadFormAsync(bool multipart, params (string Name, string Value)[] fields)
    {
        using HttpContent form = multipart
            ? MultipartForm(fields)
            : new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value)));
        return await ReadAsync(
            await form.ReadAsByteArrayAsync(TestContext.Current.CancellationToken), form.Headers.ContentType!.ToString());
    }

    public static HttpRequest Request(Stream body, string? contentType = "application/json")
    {
        DefaultHttpContext context = new();
        context.Request.Body = body;
        context.Request.ContentType = contentType;
        return context.Request;
    }

    private static MultipartFormDataContent MultipartForm((string Name, string Value)[] fields)
    {
        MultipartFormDataContent form = [];
        foreach ((string name, string value) in fields)
        {
            form.Add(new StringContent(value), name);
        }

        return form;
    }
}
