using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning.Json;

namespace Zalando.Postgres.Sdk.Planning.StatefulSets;

/// <summary>What a desired StatefulSet says about its members.</summary>
/// <param name="Replicas">How many.</param>
/// <param name="Image">Image of the database container.</param>
/// <param name="Annotations">Annotations of pods; null for none.</param>
/// <param name="Resources">Requests and limits, by container.</param>
internal sealed record MemberFacts(int Replicas, string? Image, JsonObject? Annotations, IReadOnlyDictionary<string, JsonObject> Resources)
{
    public static MemberFacts Of(JsonObject set) => new(
        set.Int("spec", "replicas") ?? 0,
        set.Items("spec", "template", "spec", "containers").FirstOrDefault().Text("image"),
        set.Object("spec", "template", "metadata", "annotations"),
        set.Items("spec", "template", "spec", "containers").ToDictionary(static c => c.Text("name") ?? "", static c => c.Object("resources") ?? [], StringComparer.Ordinal));
}
