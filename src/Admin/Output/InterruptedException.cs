namespace Admin.Output;

/// <summary>Ctrl-C was pressed while the command waited for input, before anything was changed.</summary>
internal sealed class InterruptedException : Exception;
