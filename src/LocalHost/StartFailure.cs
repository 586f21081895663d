using System.Net.Sockets;
using Azure;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

namespace LocalHost;

/// <summary>Explains start-up failures that are not defects in one line instead of a stack trace.</summary>
internal static class StartFailure
{
    /// <summary>Returns one line that says what to do, or null for a defect.</summary>
    public static string? Explain(Exception exception) => exception switch
    {
        PrerequisiteException or OptionsValidationException => exception.Message,
        IOException { InnerException: AddressInUseException } =>
            $"{exception.Message} Stop the process that uses it, or choose another address with --urls http://127.0.0.1:<port>.",
        IOException { InnerException: SocketException } or SocketException =>
            $"{exception.Message}: choose another address with --urls http://127.0.0.1:<port>.",
        InvalidDataException or FormatException => $"Cannot read the settings: {exception.GetBaseException().Message}",
        InvalidOperationException { Source: "Microsoft.Extensions.Configuration.Binder" } => $"{exception.Message} Set another value.",
        RequestFailedException refused =>
            $"Unexpected response from storage: {refused.Message.Split('\n')[0].Trim()} Check Tables__ConnectionString or Tables__Endpoint.",
        _ => null,
    };
}
