using FunctionsHost;
using TestSupport;

namespace Faults.Tests;

/// <summary>What serves the API.</summary>
public enum ServedBy
{
    LocalHost,

    /// <summary>The published worker under a host of this process.</summary>
    Worker,
}

/// <summary>One process that serves the API.</summary>
internal abstract class Instance(Uri address) : IAsyncDisposable
{
    public HttpClient Client { get; } = new() { BaseAddress = address };

    /// <summary>Whether the host replaces a killed process.</summary>
    public abstract bool RestartsItself { get; }

    public static async Task<Instance> StartAsync(ServedBy servedBy, Dictionary<string, string?> settings, CancellationToken cancellationToken)
    {
        if (servedBy == ServedBy.Worker)
        {
            settings["PublicCheck__RequestsPerMinute"] = "0";
            return new WorkerInstance(await WorkerHost.StartAsync(await PublishedApp.FolderAsync(cancellationToken), port: 0, settings, cancellationToken));
        }

        LocalHostProcess process = LocalHostProcess.Start(["--Azurite=false", "--Demo=false"], settings);
        return new LocalHostInstance(process, await process.ReadyAsync(cancellationToken));
    }

    /// <summary>Kills the process without warning, as the system may, and waits for its exit.</summary>
    public abstract Task KillAsync(CancellationToken cancellationToken);

    /// <summary>Stops the process as the platform does (SIGTERM). Returns its exit code, or null if it had to be killed.</summary>
    public abstract Task<int?> TerminateAsync(CancellationToken cancellationToken);

    public virtual ValueTask DisposeAsync()
    {
        Client.Dispose();
        return ValueTask.CompletedTask;
    }

    private sealed class LocalHostInstance(LocalHostProcess process, Uri address) : Instance(address)
    {
        public override bool RestartsItself => false;

        public override Task KillAsync(CancellationToken cancellationToken) => EndAsync("KILL", cancellationToken);

        public override async Task<int?> TerminateAsync(CancellationToken cancellationToken) => await EndAsync("TERM", cancellationToken);

        public override async ValueTask DisposeAsync()
        {
            await process.DisposeAsync();
            await base.DisposeAsync();
        }

        private Task<int> EndAsync(string signal, CancellationToken cancellationToken)
        {
            process.Signal(signal);
            return process.ExitCodeAsync(cancellationToken);
        }
    }

    private sealed class WorkerInstance(WorkerHost host) : Instance(host.Address)
    {
        public override bool RestartsItself => true;

        public override Task KillAsync(CancellationToken cancellationToken) => host.KillWorkerAsync();

        public override Task<int?> TerminateAsync(CancellationToken cancellationToken) => host.StopAsync();

        public override async ValueTask DisposeAsync()
        {
            await host.DisposeAsync();
            await base.DisposeAsync();
        }
    }
}
