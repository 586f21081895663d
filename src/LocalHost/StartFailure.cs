using System.Net.Sockets;
using Azure;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

namespace LocalHost;

/// <summary>Failures to start that are no defect: told in one line instead of a stack trace.</summary>
internal static class StartFailure
{
    /// <summary>One line that says what to do, or null when the failure is a defect.</summary>
    public static string? Explain(Exception exception) => exception switch
    {
        PrerequisiteException or OptionsValidationException => exception.Message,
        IOException { InnerException: AddressInUseException } =>
            $"{exception.Message} Stop what listens there, or choose another address with --urls http://127.0.0.1:<port>.",
        IOException { InnerException: SocketException } or SocketException =>
            $"{exception.Message}: choose another address with --urls http://127.0.0.1:<port>.",
        InvalidDataException or FormatException => $"Settings can not be read: {exception.GetBaseException().Message}",
        InvalidOperationException { Source: "Microsoft.Extensions.Configuration.Binder" } => $"{exception.Message} Set another value.",
        RequestFailedException refused =>
            $"Storage did not answer as expected: {refused.Message.Split('\n')[0].Trim()} Check Tables__ConnectionString or Tables__Endpoint.",
        _ => null,
    };
}
