using Assignments;
using Microsoft.Extensions.DependencyInjection;

namespace Functions;

public static class AssignmentApi
{
    /// <summary>Adds what the three functions need; the same for the isolated worker and for LocalHost.</summary>
    public static IServiceCollection AddAssignmentApi(this IServiceCollection services) =>
        services.AddAssignments().AddSingleton<RequestGuard>();
}
