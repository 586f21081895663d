using System.Reflection;
using Microsoft.AspNetCore.Routing;
using Microsoft.Azure.Functions.Worker;

namespace LocalHost;

/// <summary>Serves the HTTP functions of a class by their attributes, as the Functions host does.</summary>
internal static class FunctionEndpoints
{
    /// <summary>
    /// Maps each route once for all methods: for a method without a function the Functions host returns 404, while
    /// ASP.NET Core's own method matching would return 405.
    /// </summary>
    public static void MapFunctions<T>(this IEndpointRouteBuilder endpoints, string routePrefix)
        where T : class
    {
        ObjectFactory<T> create = ActivatorUtilities.CreateFactory<T>([]);
        foreach (IGrouping<string, HttpFunction<T>> route in FunctionsOf<T>()
            .GroupBy(function => function.Route, StringComparer.OrdinalIgnoreCase))
        {
            Dictionary<string, Invoke<T>> byMethod = new(StringComparer.OrdinalIgnoreCase);
            foreach (HttpFunction<T> function in route)
            {
                Array.ForEach(function.Methods, method => byMethod.Add(method, function.Invoke));
            }

            endpoints.Map($"{routePrefix}/{route.Key}", async Task (HttpContext context) =>
            {
                if (!byMethod.TryGetValue(context.Request.Method, out Invoke<T>? invoke))
                {
                    context.Response.StatusCode = StatusCodes.Status404NotFound;
                    return;
                }

                T instance = create(context.RequestServices, null);
                IResult result = await invoke(instance, context.Request, context.RequestAborted);
                await result.ExecuteAsync(context);
            });
        }
    }

    private static IEnumerable<HttpFunction<T>> FunctionsOf<T>()
    {
        foreach (MethodInfo method in typeof(T).GetMethods())
        {
            if (method.GetCustomAttribute<FunctionAttribute>() is { } function)
            {
                HttpTriggerAttribute trigger = method.GetParameters()[0].GetCustomAttribute<HttpTriggerAttribute>()
                    ?? throw new InvalidOperationException($"{function.Name} has no HTTP trigger on its first parameter.");
                yield return new HttpFunction<T>(trigger.Route ?? function.Name, trigger.Methods ?? [], method.CreateDelegate<Invoke<T>>());
            }
        }
    }

    private delegate Task<IResult> Invoke<T>(T instance, HttpRequest request, CancellationToken cancellationToken);

    private sealed record HttpFunction<T>(string Route, string[] Methods, Invoke<T> Invoke);
}
