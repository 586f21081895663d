using System.Net;
using System.Text;

namespace Licensing.Tests.Schedules;

/// <summary>The way from the instances to storage: a call waits until the schedule has it arrive, and its reply until it is to come.</summary>
internal sealed class ScheduledStorage(HttpMessageHandler tables)
{
    private readonly HttpMessageInvoker _tables = new(tables, disposeHandler: false);

    /// <summary>Calls that have not arrived, replies that have not come; late calls have no caller any more.</summary>
    public List<Call> Pending { get; } = [];

    public HttpMessageHandler Of(Instance instance) => new Way(this, instance);

    /// <summary>Storage does what a call asks.</summary>
    public void Arrive(Call call)
    {
        // Neither the tables nor their lock wait for anything, so this has ended when it returns.
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

    /// <summary>The connection breaks. A call that has not arrived is lost, or late.</summary>
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

        // Continuations run where the schedule completes it, up to the first code of ours, which its own scheduler runs.
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
                    // The caller has given up; what is on its way may arrive all the same.
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

        /// <summary>The storage client disposes what it sent when it gives up.</summary>
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
