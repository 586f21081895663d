using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Licensing.ApiKeys;

namespace Admin.Bench;

/// <summary>A running API, over HTTP.</summary>
internal sealed class HttpTarget : IBenchTarget
{
    private const string Route = "api/catalog/licenses/user/assignment/";

    /// <summary>Well over the API's own deadline for a request.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    private readonly HttpClient _client;
    private readonly long _licenseId;

    /// <param name="url">The base address of the API, without the route.</param>
    /// <param name="key">Sent with checks too, because anonymous checks are limited.</param>
    /// <param name="licenseId">The license to assign.</param>
    public HttpTarget(Uri url, ApiKeySecret key, long licenseId)
    {
        _licenseId = licenseId;
        _client = new HttpClient { BaseAddress = new Uri(url.AbsoluteUri.TrimEnd('/') + '/' + Route), Timeout = Timeout };
        _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Api-Key", key.Reveal());
    }

    public Task<BenchAnswer> CreateAsync(long userId) => AnswerAsync(
        () => new HttpRequestMessage(HttpMethod.Post, string.Create(CultureInfo.InvariantCulture, $"?license_id={_licenseId}"))
        {
            Content = new StringContent(
                string.Create(CultureInfo.InvariantCulture, $$"""{"license_id":{{_licenseId}},"user_id":{{userId}}}"""), Encoding.UTF8, "application/json"),
        },
        body => JsonDocument.Parse(body).RootElement.GetProperty("id").GetInt64());

    public Task<BenchAnswer> CheckAsync(string email) => AnswerAsync(
        () => new HttpRequestMessage(HttpMethod.Get, $"check/?email={Uri.EscapeDataString(email)}"), _ => null);

    public Task<BenchAnswer> DeleteAsync(long assignmentId) => AnswerAsync(
        () => new HttpRequestMessage(
            HttpMethod.Delete, string.Create(CultureInfo.InvariantCulture, $"?license_id={_licenseId}&assignment_id={assignmentId}")),
        _ => null);

    public void Dispose() => _client.Dispose();

    private async Task<BenchAnswer> AnswerAsync(Func<HttpRequestMessage> request, Func<string, long?> assignmentId)
    {
        try
        {
            using HttpRequestMessage message = request();
            using HttpResponseMessage response = await _client.SendAsync(message);
            string body = await response.Content.ReadAsStringAsync();
            return response.StatusCode == HttpStatusCode.OK
                ? new BenchAnswer(Failure: null, assignmentId(body))
                : new BenchAnswer($"HTTP {(int)response.StatusCode}");
        }
        catch (HttpRequestException exception) when (exception.HttpRequestError == HttpRequestError.ConnectionError)
        {
            return new BenchAnswer("no connection");
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException or IOException)
        {
            return new BenchAnswer("no response", IsSettled: false);
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return new BenchAnswer("not a response of this API");
        }
    }
}
