namespace TestSupport;

/// <summary>A running API on any host, with the services to provision and inspect its storage.</summary>
public abstract class ApiServer : IAsyncDisposable
{
    /// <summary>Sends to this server.</summary>
    public abstract HttpClient Client { get; }

    /// <summary>The stores of its storage.</summary>
    public abstract IServiceProvider Services { get; }

    public abstract ValueTask DisposeAsync();
}
