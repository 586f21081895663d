using System.Net.Sockets;
using Licensing.Storage;
using Microsoft.Extensions.Options;

namespace LocalHost;

/// <summary>Starts Azurite if the configured storage is the local emulator and it is not running.</summary>
internal sealed partial class LocalStorage(
    Tables tables, IOptions<LocalHostOptions> options, ILogger<LocalStorage> logger) : IHostedService, IAsyncDisposable
{
    private const string EmulatorPath = "/devstoreaccount1";

    private Azurite? _azurite;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        Uri account = tables.Account;
        if (!options.Value.Azurite || !account.IsLoopback || account.AbsolutePath != EmulatorPath)
        {
            return;
        }

        if (!await AnswersAsync(account, cancellationToken))
        {
            string folder = Path.Combine(options.Value.DataFolder, "azurite");
            _azurite = await Azurite.StartAsync(account.Port, folder, cancellationToken);
            _ = WatchAsync(_azurite);
        }

        await tables.CreateIfMissingAsync(cancellationToken);
    }

    /// <summary>Does nothing, because other services may still write until they are disposed.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Stops Azurite, also after a failed start.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _azurite, null) is { } azurite)
        {
            await azurite.DisposeAsync();
        }
    }

    /// <summary>Whether a table service listens at this address. Throws if something else does.</summary>
    private static async Task<bool> AnswersAsync(Uri account, CancellationToken cancellationToken)
    {
        using HttpClient client = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = Deadlines.StorageTry };
        try
        {
            using HttpResponseMessage response = await client.GetAsync(new Uri($"{account}/Tables"), cancellationToken);
            if (response.Headers.Contains("x-ms-request-id"))
            {
                return true;
            }
        }
        catch (HttpRequestException refused) when (refused.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionRefused })
        {
            return false;
        }
        catch (Exception failure) when (failure is HttpRequestException or SocketException || (failure is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // Something listens but is not a table service.
        }

        throw new PrerequisiteException(
            $"The process listening on {account.Authority} is not a table service: stop it, or set Tables__ConnectionString to other storage.");
    }

    private async Task WatchAsync(Azurite azurite)
    {
        await azurite.Ended;
        if (_azurite == azurite)
        {
            LogEnded(logger);
        }
    }

    [LoggerMessage(1, LogLevel.Error, "Azurite has stopped unexpectedly: restart LocalHost.")]
    private static partial void LogEnded(ILogger logger);
}
