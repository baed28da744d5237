using System.Text.Json;
using System.Text.Json.Nodes;

namespace Zalando.Postgres.Sdk.Planning.Diff;

/// <summary>Compares two values of <c>SPILO_CONFIGURATION</c> by what they do to a cluster that runs already.</summary>
internal static class SpiloConfigurationText
{
    /// <summary>Whether the part that pods read at each start is the same. The bootstrap part counts only when a cluster is made; changes of it go through Patroni.</summary>
    public static bool SameForRunningCluster(string? left, string? right)
    {
        if (left == right) return true;
        return Local(left) is { } a && Local(right) is { } b && JsonNode.DeepEquals(a, b);
    }

    private static JsonNode? Local(string? text)
    {
        try
        {
            return JsonNode.Parse(text ?? "") is JsonObject configuration ? configuration["postgresql"]?.DeepClone() ?? new JsonObject() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
