namespace FunctionsHost;

/// <summary>A log record that a worker sent to its host.</summary>
/// <param name="InvocationId">Empty for a record outside an invocation, which the Functions host drops.</param>
public sealed record WorkerLog(string InvocationId, string Category, LogLevel Level, string Message);
