using LocalHost;

if (CommandLine.AsksForHelp(args))
{
    Console.WriteLine(CommandLine.Help);
    return 0;
}

try
{
    CommandLine.Check(args);
    await using WebApplication app = LocalHostApplication.Create(args);
    await app.StartAsync();
    Console.WriteLine(Greeting.Of(app));
    await app.WaitForShutdownAsync();
    return 0;
}
catch (OperationCanceledException)
{
    // Stopped during start-up.
    return 0;
}
catch (Exception exception) when (StartFailure.Explain(exception) is { } line)
{
    await Console.Error.WriteLineAsync(line);
    return 1;
}
