using System.CommandLine;
using System.Text;
using System.Text.Json;
using Admin.Arguments;
using Admin.Imports;
using Admin.Output;
using Licensing.Platforms;
using Licensing.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Admin.Commands;

/// <summary>
/// Runs a command after its arguments were validated: reads the settings, creates the command by dependency injection,
/// prints the outcome and returns the exit code. Explains every failure.
/// </summary>
internal static class CommandRunner
{
    /// <summary>The time limit of the first storage call.</summary>
    private static readonly TimeSpan FirstCall = TimeSpan.FromSeconds(20);

    public static readonly Option<Uri?> Endpoint = new("--endpoint")
    {
        Description = "The account's table endpoint, https://<account>.table.core.windows.net. Overrides the settings and signs in with your own Azure login.",
        CustomParser = ValueParser.WebAddress,
        Recursive = true,
    };

    /// <summary>For commands that always change storage; they print its name on standard error first.</summary>
    public static bool Writes(ParseResult arguments) => true;

    /// <param name="writes">Whether the command changes storage with these arguments; null means it never does.</param>
    public static Command Runs<T>(
        this Command command, Func<T, ParseResult, CancellationToken, Task<Outcome>> run, Func<ParseResult, bool>? writes = null)
    {
        OutputOptions output = OutputOptions.AddTo(command);
        command.SetAction((arguments, cancellationToken) => RunAsync(
            services => run(ActivatorUtilities.CreateInstance<T>(services), arguments, cancellationToken),
            arguments.GetValue(Endpoint),
            output.In(arguments),
            writes?.Invoke(arguments) ?? false,
            cancellationToken));
        return command;
    }

    /// <summary>Adds <c>--csv</c> to a command. Call it before <see cref="Runs"/>.</summary>
    public static Command PrintsCsv(this Command command)
    {
        command.Add(new CsvOption());
        return command;
    }

    /// <summary>Runs the command on a platform, and refuses if the platform does not exist.</summary>
    /// <inheritdoc cref="Runs"/>
    public static Command RunsOn<T>(
        this Command command,
        PlatformArgument platform,
        Func<T, ParseResult, Platform, CancellationToken, Task<Outcome>> run,
        Func<ParseResult, bool>? writes = null) =>
        command.Runs<OnPlatform<T>>(
            (onPlatform, arguments, cancellationToken) => onPlatform.RunAsync(
                arguments.GetRequiredValue(platform),
                (inner, found) => run(inner, arguments, found, cancellationToken),
                cancellationToken),
            writes);

    /// <summary>Limits the wait for the first storage call, so that wrong settings are reported soon.</summary>
    public static Task<T> OrGiveUp<T>(this Task<T> call, CancellationToken cancellationToken) => call.WaitAsync(FirstCall, cancellationToken);

    /// <inheritdoc cref="OrGiveUp{T}"/>
    public static Task OrGiveUp(this Task call, CancellationToken cancellationToken) => call.WaitAsync(FirstCall, cancellationToken);

    /// <summary>Returns the message for a command that changed nothing and cannot write its output.</summary>
    public static string OutputFailed(string why) =>
        $"Standard output cannot be written ({why}): free disk space or redirect it elsewhere, then run the command again.";

    private static async Task<int> RunAsync(
        Func<IServiceProvider, Task<Outcome>> run, Uri? endpoint, OutputFormat format, bool writes, CancellationToken cancellationToken)
    {
        ServiceProvider services;
        try
        {
            services = AdminSettings.Services(endpoint);
        }
        catch (Exception exception) when (AdminSettings.Explain(exception) is { } sentence)
        {
            return Fail(sentence, ExitCode.Storage);
        }

        await using (services)
        {
            if (writes)
            {
                Console.Error.WriteLine($"Storage: {AdminSettings.StorageName(services)}");
            }

            try
            {
                return Report(await run(services), format, writes);
            }
            catch (UnreadableFileException unreadable)
            {
                return Fail(unreadable.Message, ExitCode.Refused);
            }
            catch (InterruptedException)
            {
                return Fail("Interrupted: nothing was changed.", ExitCode.Interrupted);
            }
            catch (Exception exception) when (exception is not OutputException && cancellationToken.IsCancellationRequested)
            {
                return Fail("Interrupted: the change may or may not have been made. Check before you run the command again.", ExitCode.Interrupted);
            }
            catch (Exception exception) when (StorageFailure.Explain(exception, services.GetRequiredService<Tables>()) is { } sentence)
            {
                return Fail(sentence, ExitCode.Storage);
            }
        }
    }

    private static int Report(Outcome outcome, OutputFormat format, bool writes)
    {
        switch (outcome)
        {
            case Outcome.Refused refused:
                return Fail(refused.Sentence, ExitCode.Refused);
            case Outcome.Done done:
                string? failure = Print(done, format);
                foreach (string sentence in done.Sentences)
                {
                    Console.Error.WriteLine(sentence);
                }

                return failure is null ? done.ExitCode : Fail(
                    writes
                        ? $"The change was made, but its result cannot be written to standard output ({failure}): check what is stored before you run the command again."
                        : OutputFailed(failure),
                    ExitCode.Output);
            default:
                throw new InvalidOperationException($"A command ended in {outcome.GetType().Name}.");
        }
    }

    /// <summary>Prints the result. Returns why it cannot be written, or null.</summary>
    private static string? Print(Outcome.Done done, OutputFormat format)
    {
        try
        {
            if (format == OutputFormat.Text)
            {
                done.Show(Terminal.Open());
                return null;
            }

            // Write bytes, because the console's encoding may not be UTF-8.
            using Stream output = StandardStreams.OpenOutput();
            if (format == OutputFormat.Json)
            {
                output.Write([.. JsonSerializer.SerializeToUtf8Bytes(done.Result, done.Result.GetType(), AdminJson.Output), (byte)'\n']);
                return null;
            }

            using StreamWriter writer = new(new BufferedStream(output), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
            CsvOutput.Write(writer, done.Rows, done.Rows.GetType().GetGenericArguments()[0]);
            return null;
        }
        catch (OutputException exception)
        {
            return exception.Message;
        }
    }

    private static int Fail(string sentence, int exitCode)
    {
        Console.Error.WriteLine(sentence);
        return exitCode;
    }

    private sealed class OnPlatform<T>(IServiceProvider services, PlatformStore platforms)
    {
        public async Task<Outcome> RunAsync(string key, Func<T, Platform, Task<Outcome>> run, CancellationToken cancellationToken) =>
            await platforms.FindAsync(key, cancellationToken).OrGiveUp(cancellationToken) is { } platform
                ? await run(ActivatorUtilities.CreateInstance<T>(services), platform)
                : Refusals.NoPlatform(key);
    }
}
