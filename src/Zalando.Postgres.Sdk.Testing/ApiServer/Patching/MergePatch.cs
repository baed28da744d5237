using System.Text.Json.Nodes;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Patching;

/// <summary>JSON merge patch (RFC 7396).</summary>
internal static class MergePatch
{
    /// <summary>Changes <paramref name="target"/> and returns it.</summary>
    public static JsonObject Apply(JsonObject target, JsonObject patch)
    {
        foreach (var (key, value) in patch)
        {
            if (value is null) target.Remove(key);
            else if (value is JsonObject map) target[key] = Apply(target[key] as JsonObject is { } old ? Detached(target, key, old) : [], map);
            else target[key] = value.DeepClone();
        }

        return target;
    }

    private static JsonObject Detached(JsonObject parent, string key, JsonObject child)
    {
        parent[key] = null;
        return child;
    }
}
