using System.Net;
using System.Text;

namespace Licensing.Tests.Schedules;

/// <summary>The connection from the instances to storage: calls and replies arrive when the schedule says so.</summary>
internal sealed class ScheduledStorage(HttpMessageHandler tables)
{
    private readonly HttpMessageInvoker _tables = new(tables, disposeHandler: false);

    /// <summary>Calls and replies that have not arrived; late calls no longer have a caller.</summary>
    public List<Call> Pending { get; } = [];

    public HttpMessageHandler Of(Instance instance) => new Way(this, instance);

    /// <summary>Storage handles the call.</summary>
    public void Arrive(Call call)
    {
        // The tables never wait, so the call is complete when this returns.
        call.Reply = _tables.SendAsync(call.Request, CancellationToken.None).GetAwaiter().GetResult();
        if (call.IsLate)
        {
            Pending.Remove(call);
        }
    }

    public void Answer(Call call)
    {
        Pending.Remove(call);
        call.Completion.TrySetResult(call.Reply!);
    }

    /// <summary>The connection breaks. A call that has not arrived is lost or delayed.</summary>
    public void Break(Call call, bool late)
    {
        call.IsLate = late && call.Reply is null;
        if (!call.IsLate)
        {
            Pending.Remove(call);
        }

        call.Completion.TrySetException(new HttpRequestException("The connection was broken.", new IOException()));
    }

    public void Refuse(Call call, HttpStatusCode status)
    {
        call.Reply = new HttpResponseMessage(status)
        {
            RequestMessage = call.Request,
            Content = new StringContent("""{"odata.error":{"code":"ServerBusy","message":{"lang":"en-US","value":"Busy."}}}""", Encoding.UTF8, "application/json"),
        };
        Answer(call);
    }

    internal sealed class Call(Instance instance, HttpRequestMessage request)
    {
        public Instance Instance => instance;

        public HttpRequestMessage Request => request;

        public bool IsTransaction => request.RequestUri!.AbsolutePath == "/$batch";

        public bool IsWrite => request.Method != HttpMethod.Get;

        public HttpResponseMessage? Reply { get; set; }

        public bool IsLate { get; set; }

        // Continuations run here up to the service's code, which runs on the instance's scheduler.
        public TaskCompletionSource<HttpResponseMessage> Completion { get; } = new();
    }

    private sealed class Way(ScheduledStorage storage, Instance instance) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Call call = new(instance, Copy(request));
            storage.Pending.Add(call);
            cancellationToken.UnsafeRegister(
                _ =>
                {
                    // The caller has given up, but the call may still arrive.
                    call.IsLate = call.Reply is null && call.IsWrite;
                    if (!call.IsLate)
                    {
                        storage.Pending.Remove(call);
                    }

                    call.Completion.TrySetCanceled(cancellationToken);
                },
                null);
            return call.Completion.Task;
        }

        /// <summary>A copy, because the storage client disposes the request when it gives up.</summary>
        private static HttpRequestMessage Copy(HttpRequestMessage request)
        {
            HttpRequestMessage copy = new(request.Method, request.RequestUri);
            foreach ((string name, IEnumerable<string> values) in request.Headers)
            {
                copy.Headers.TryAddWithoutValidation(name, values);
            }

            if (request.Content is not null)
            {
                using MemoryStream body = new();
                request.Content.CopyTo(body, context: null, CancellationToken.None);
                copy.Content = new ByteArrayContent(body.ToArray());
                foreach ((string name, IEnumerable<string> values) in request.Content.Headers)
                {
                    copy.Content.Headers.TryAddWithoutValidation(name, values);
                }
            }

            return copy;
        }
    }
}
