using Azure.Core.Pipeline;
using Azure.Data.Tables;
using Licensing.Assignments;
using Licensing.Commit;
using Licensing.Licenses;
using Licensing.Platforms;
using Licensing.Storage;
using Licensing.Users;
using Licensing.Verification;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using TestSupport;

namespace Licensing.Tests.Schedules;

/// <summary>A process of the service: its own memory and its own scheduler.</summary>
internal sealed class Instance : IDisposable
{
    private readonly LicenseWriters _writers;
    private readonly UserStore _users;
    private readonly PlatformStore _platforms;
    private readonly HttpClient _way;

    public Instance(string name, ScheduledStorage storage, VirtualTime time, int seed)
    {
        Name = name;
        KnownAssignments known = new();
        _way = new HttpClient(storage.Of(this)) { Timeout = Timeout.InfiniteTimeSpan };
        // No retries of reads: the storage client would wait by the real clock.
        TableClientOptions options = new() { RetryPolicy = new RetryPolicy(maxRetries: 0), Transport = new HttpClientTransport(_way) };
        options.Retry.NetworkTimeout = Timeout.InfiniteTimeSpan;
        options.Diagnostics.IsLoggingEnabled = options.Diagnostics.IsDistributedTracingEnabled = false;
        TableServiceClient client = new(
            new Uri("http://memory.invalid/"), new TableSharedKeyCredential("memory", Convert.ToBase64String([1])), options);
        Tables tables = new(client, Options.Create(new TablesOptions()));
        IdSequence ids = new(tables);
        Licenses = new LicenseStore(tables, ids, time, new Administrator("admin"));
        _users = Stores.Users(tables, ids, time);
        _platforms = new PlatformStore(tables, time);
        AssignmentStore assignments = new(tables);
        Verifier = new Verifier(tables, Licenses, assignments, _users, time);
        Random random = new(seed);
        _writers = new LicenseWriters(tables, Licenses, new OwnAllotments(name), known, time, random, Scheduler);
        Committer committer = new(
            _writers, new AssignmentIds(ids), known, assignments, _users, time, random, NullLogger<Committer>.Instance);
        Service = new AssignmentService(_platforms, Licenses, _users, assignments, committer, new RepeatedDeletes(time), time);
    }

    public string Name { get; }

    public SeededScheduler Scheduler { get; } = new();

    public LicenseStore Licenses { get; }

    public AssignmentService Service { get; }

    public Verifier Verifier { get; }

    /// <summary>Whether it gets no more requests.</summary>
    public bool IsStopping { get; set; }

    /// <summary>A crashed process runs nothing and gets no replies.</summary>
    public bool IsDown { get; set; }

    /// <summary>As on SIGTERM.</summary>
    public ValueTask StopAsync() => _writers.DisposeAsync();

    public void Dispose() => _way.Dispose();
}
