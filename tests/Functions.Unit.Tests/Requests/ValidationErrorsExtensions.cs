using Functions.Requests;

namespace Functions.Unit.Tests.Requests;

/// <summary>What a client is told about an invalid request.</summary>
internal static class ValidationErrorsExtensions
{
    public static IEnumerable<string> Fields(this ValidationErrors errors) => errors.ToProblem().Errors!.Keys;

    public static IEnumerable<string> Messages(this ValidationErrors errors) => errors.ToProblem().Errors!.SelectMany(field => field.Value);
}
