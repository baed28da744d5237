using System.Text.Json.Nodes;

namespace Zalando.Postgres.Sdk.Planning.Tests.Simulation;

/// <summary>JSON merge patch (RFC 7396).</summary>
internal static class JsonMerge
{
    public static JsonObject Apply(JsonObject target, JsonObject patch)
    {
        foreach (var (name, value) in patch)
        {
            if (value is null) target.Remove(name);
            else if (value is JsonObject nested) target[name] = Apply(target[name] is JsonObject existing ? (JsonObject)existing.DeepClone() : [], nested);
            else target[name] = value.DeepClone();
        }

        return target;
    }
}
