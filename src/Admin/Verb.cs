using System.CommandLine;
using System.Text.Json;
using Licensing.Platforms;
using Licensing.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Admin;

/// <summary>What a command does, when its arguments are right.</summary>
internal delegate Task<Outcome> Verb(ParseResult arguments, IServiceProvider services, CancellationToken cancellationToken);

/// <inheritdoc cref="Verb"/>
internal delegate Task<Outcome> PlatformVerb(
    ParseResult arguments, IServiceProvider services, Platform platform, CancellationToken cancellationToken);

/// <summary>Runs verbs: settings before, output and exit code after, each failure told in one place.</summary>
internal static class VerbCommand
{
    /// <summary>Storage that is out of reach, or an identity that can not be asked, is given up after this.</summary>
    private static readonly TimeSpan FirstAnswer = TimeSpan.FromSeconds(20);

    public static readonly Option<Uri?> Endpoint = new("--endpoint")
    {
        Description = "The account's table endpoint, https://<account>.table.core.windows.net, with your own Azure login; instead of the settings.",
        CustomParser = Input.WebAddress,
        Recursive = true,
    };

    /// <summary>For verbs that change storage: before they do, standard error says which.</summary>
    public static bool Changes(ParseResult arguments) => true;

    /// <param name="changes">Whether these arguments change storage; none do unless given.</param>
    public static Command Runs(this Command command, Verb verb, Func<ParseResult, bool>? changes = null)
    {
        Option<bool> json = new("--json") { Description = "Print JSON on standard output, and nothing else there." };
        command.Add(json);
        command.SetAction((arguments, cancellationToken) => RunAsync(
            verb, arguments, arguments.GetValue(json), changes?.Invoke(arguments) ?? false, cancellationToken));
        return command;
    }

    /// <summary>Runs the verb for a platform that exists, and refuses one that does not.</summary>
    /// <inheritdoc cref="Runs"/>
    public static Command RunsOn(
        this Command command, Argument<string> platform, PlatformVerb verb, Func<ParseResult, bool>? changes = null) =>
        command.Runs(
            async (arguments, services, cancellationToken) =>
            {
                string key = arguments.GetRequiredValue(platform);
                Platform? found = await services.GetRequiredService<PlatformStore>()
                    .FindAsync(key, cancellationToken).BeforeGivingUp(cancellationToken);
                return found is null ? NoSuchPlatform(key) : await verb(arguments, services, found, cancellationToken);
            },
            changes);

    public static Outcome NoSuchPlatform(string key) =>
        new Outcome.Refused($"Platform {key} does not exist: make it with 'platform create', or check its spelling.");

    public static Task<T> BeforeGivingUp<T>(this Task<T> task, CancellationToken cancellationToken) =>
        task.WaitAsync(FirstAnswer, cancellationToken);

    public static Task BeforeGivingUp(this Task task, CancellationToken cancellationToken) =>
        task.WaitAsync(FirstAnswer, cancellationToken);

    private static async Task<int> RunAsync(
        Verb verb, ParseResult arguments, bool json, bool changes, CancellationToken cancellationToken)
    {
        ServiceProvider services;
        try
        {
            services = Settings.Services(arguments.GetValue(Endpoint));
        }
        catch (Exception exception) when (Settings.WhatIsWrong(exception) is { } sentence)
        {
            return Fail(sentence, ExitCode.Storage);
        }

        await using (services)
        {
            Tables tables = services.GetRequiredService<Tables>();
            if (changes)
            {
                Console.Error.WriteLine($"Storage: {Settings.StorageName(services)}");
            }

            Outcome outcome;
            try
            {
                outcome = await verb(arguments, services, cancellationToken);
            }
            catch (InterruptedException)
            {
                return Fail("Interrupted: nothing was changed.", ExitCode.Interrupted);
            }
            catch (Exception) when (cancellationToken.IsCancellationRequested)
            {
                return Fail("Interrupted: the change may or may not have been made, look before running the command again.", ExitCode.Interrupted);
            }
            catch (Exception exception) when (StorageFailure.Explain(exception, tables) is { } sentence)
            {
                return Fail(sentence, ExitCode.Storage);
            }

            return Report(outcome, json, changes);
        }
    }

    private static int Report(Outcome outcome, bool json, bool changes)
    {
        switch (outcome)
        {
            case Outcome.Refused refused:
                return Fail(refused.Sentence, ExitCode.Refused);
            case Outcome.Done done:
                string? unwritten = Print(done, json);
                foreach (string sentence in done.Sentences)
                {
                    Console.Error.WriteLine(sentence);
                }

                return unwritten is null ? done.ExitCode : Fail(
                    changes
                        ? $"The change was made, and its result cannot be written to standard output ({unwritten}): look at what is there before you run the command again."
                        : Unwritten(unwritten),
                    ExitCode.Output);
            default:
                throw new InvalidOperationException($"A verb ended in {outcome.GetType().Name}.");
        }
    }

    /// <summary>Why the result could not be written, or null when it was.</summary>
    private static string? Print(Outcome.Done done, bool json)
    {
        try
        {
            if (!json)
            {
                done.Show(Terminal.Open());
                return null;
            }

            // Bytes, because a console's own encoding need not be UTF-8.
            using Stream output = StandardStreams.OpenOutput();
            output.Write([.. JsonSerializer.SerializeToUtf8Bytes(done.Result, done.Result.GetType(), AdminJson.Output), (byte)'\n']);
            return null;
        }
        catch (OutputException exception)
        {
            return exception.Message;
        }
    }

    /// <summary>For output of what changes nothing.</summary>
    public static string Unwritten(string why) =>
        $"Standard output cannot be written ({why}): free space or send it elsewhere, then run the command again.";

    private static int Fail(string sentence, int exitCode)
    {
        Console.Error.WriteLine(sentence);
        return exitCode;
    }
}
