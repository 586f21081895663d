// Creates, checks and deletes an assignment with the client that Kiota generates.
using System.Net.Http;
using System.Text.Json;
using System.Threading.Tasks;
using Generated.Models;
using Microsoft.Kiota.Abstractions.Authentication;
using Microsoft.Kiota.Http.HttpClientLibrary;

namespace Generated;

public static class Caller
{
    public static async Task<string> RunAsync(string address, string key, int license, string email)
    {
        // Kiota's ApiKeyAuthenticationProvider insists on https, which LocalHost does not speak.
        using HttpClient http = KiotaClientFactory.Create();
        http.DefaultRequestHeaders.Add("Authorization", $"Api-Key {key}");
        using HttpClientRequestAdapter adapter = new(new AnonymousAuthenticationProvider(), httpClient: http) { BaseUrl = address };
        var assignments = new Client(adapter).Api.Catalog.Licenses.User.Assignment;

        Assignment created = await assignments.EmptyPathSegment.PostAsync(
            new AssignmentRequest { LicenseId = license, Email = email }, request => request.QueryParameters.LicenseId = license);
        Check check = await assignments.Check.EmptyPathSegment.GetAsync(request => request.QueryParameters.Email = email);
        await assignments.EmptyPathSegment.DeleteAsync(request =>
        {
            request.QueryParameters.LicenseId = license;
            request.QueryParameters.AssignmentId = created.Id;
        });
        Problem refused = null;
        try
        {
            await assignments.Check.EmptyPathSegment.GetAsync(request => request.QueryParameters.Email = email);
        }
        catch (Problem problem)
        {
            refused = problem;
        }

        return JsonSerializer.Serialize(new { created = created.Email, active = created.Active, @checked = check.Active, refused = refused.Code.ToString().ToLowerInvariant() });
    }
}
