using Microsoft.Azure.Functions.Worker.Converters;

namespace Functions;

/// <summary>
/// Binds a function's cancellation token to that of the invocation. The worker's own converter does the same, but is the
/// last of ten that are tried; this one is the first.
/// </summary>
internal sealed class InvocationTokenConverter : IInputConverter
{
    public ValueTask<ConversionResult> ConvertAsync(ConverterContext context) => ValueTask.FromResult(
        context.TargetType == typeof(CancellationToken)
            ? ConversionResult.Success(context.FunctionContext.CancellationToken)
            : ConversionResult.Unhandled());
}
