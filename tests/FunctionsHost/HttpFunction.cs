using System.Text.Json;
using FunctionsHost.Protocol;

namespace FunctionsHost;

/// <summary>An HTTP function as a worker described it.</summary>
/// <param name="Id">The function's id between host and worker.</param>
/// <param name="Trigger">The name of the parameter that receives the request.</param>
/// <param name="Path">With the route prefix, without a trailing slash.</param>
internal sealed record HttpFunction(string Id, string Trigger, string Path, string[] Methods)
{
    /// <summary>Reads the bindings, also into the metadata, where the worker expects them when it loads the function.</summary>
    public static HttpFunction Read(RpcFunctionMetadata metadata, string routePrefix)
    {
        HttpFunction? function = null;
        foreach (string raw in metadata.RawBindings)
        {
            using JsonDocument binding = JsonDocument.Parse(raw);
            JsonElement root = binding.RootElement;
            string name = root.GetProperty("name").GetString()!;
            string type = root.GetProperty("type").GetString()!;
            metadata.Bindings[name] = new BindingInfo
            {
                Type = type,
                Direction = Enum.Parse<BindingInfo.Types.Direction>(root.GetProperty("direction").GetString()!, ignoreCase: true),
            };
            if (type == "httpTrigger")
            {
                string[] methods = [.. root.GetProperty("methods").EnumerateArray().Select(method => method.GetString()!)];
                function = new HttpFunction(Guid.NewGuid().ToString(), name, $"/{routePrefix}/{root.GetProperty("route").GetString()}", methods);
            }
        }

        return function ?? throw new InvalidDataException($"{metadata.Name} has no HTTP trigger.");
    }

    /// <summary>A trailing slash is optional and case is ignored; HEAD is not GET.</summary>
    public bool Serves(string path, string method) =>
        Methods.Contains(method, StringComparer.OrdinalIgnoreCase)
        && (path.EndsWith('/') ? path.AsSpan(0, path.Length - 1) : path).Equals(Path, StringComparison.OrdinalIgnoreCase);
}
