using Functions.Requests;

namespace Functions.Unit.Tests.Requests;

/// <summary>The validation errors that a client receives.</summary>
internal static class ValidationErrorsExtensions
{
    public static IEnumerable<string> Fields(this ValidationErrors errors) => errors.ToProblem().Errors!.Keys;

    public static IEnumerable<string> Messages(this ValidationErrors errors) => errors.ToProblem().Errors!.SelectMany(field => field.Value);
}
