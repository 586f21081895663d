using System.Globalization;
using System.Runtime.InteropServices;
using FunctionsHost;

// Runs a published app manually: dotnet run --project tests/FunctionsHost [<folder> [<port>]]. With the argument
// "publish" it publishes this repository's app and prints the folder.
if (args is ["publish"])
{
    Console.WriteLine(await PublishedApp.FolderAsync(CancellationToken.None));
    return 0;
}

string folder = args.Length > 0 ? args[0] : await PublishedApp.FolderAsync(CancellationToken.None);
int port = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 0;
TaskCompletionSource asked = new();
using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
await using WorkerHost host = await WorkerHost.StartAsync(folder, port, new Dictionary<string, string?>(), CancellationToken.None);
Console.WriteLine($"Ready on {host.Address}");
await asked.Task;
return await host.StopAsync() ?? 137;

void End(PosixSignalContext signal)
{
    signal.Cancel = true;
    asked.TrySetResult();
}
