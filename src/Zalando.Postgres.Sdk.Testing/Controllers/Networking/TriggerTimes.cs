using System.Text.Json.Nodes;

namespace Zalando.Postgres.Sdk.Testing.Controllers.Networking;

/// <summary>Remembers what has been seen of a service and its pods, to say since when a change of its endpoints was due.</summary>
internal sealed class TriggerTimes
{
    public const string Annotation = "endpoints.kubernetes.io/last-change-trigger-time";

    private readonly Dictionary<ObjectKey, Dictionary<string, DateTimeOffset>> _pods = [];

    /// <summary>The earliest change not seen before; null for none.</summary>
    public DateTimeOffset? Next(JsonObject service, IReadOnlyList<JsonObject> pods)
    {
        var key = ObjectKey.Of(service);
        var known = _pods.TryGetValue(key, out var before);
        var now = new Dictionary<string, DateTimeOffset>(StringComparer.Ordinal);
        DateTimeOffset? earliest = null;
        foreach (var pod in pods)
        {
            if (pod.Condition("Ready").FindTime("lastTransitionTime") is not { } changed) continue;
            now[pod.NameOf()] = changed;
            if (!known || before!.TryGetValue(pod.NameOf(), out var last) && changed <= last) continue;
            if (earliest is null || changed < earliest) earliest = changed;
        }

        _pods[key] = now;
        return known ? earliest : service.FindTime("metadata", "creationTimestamp");
    }

    public void Forget(ObjectKey key) => _pods.Remove(key);
}
