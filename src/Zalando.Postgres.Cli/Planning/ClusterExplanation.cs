using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Zalando.Postgres.Cli.CommandLine;
using Zalando.Postgres.Cli.Operations;
using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Planning.Json;
using Zalando.Postgres.Sdk.Reconciliation.History;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Cli.Planning;

/// <summary>What there is to say of a cluster, for people and for programs.</summary>
internal sealed class ClusterExplanation
{
    private const int MostEvents = 10;
    private const int MostHistory = 10;
    private const string RollingUpdateMark = "zalando-postgres-operator-rolling-update-required";

    private readonly Plan _plan;
    private readonly string? _status;
    private readonly JsonObject[] _conditions;
    private readonly Pod[] _pods;
    private readonly JsonObject[] _events;
    private readonly HistoryEntry[] _history;

    public ClusterExplanation(UsedConfiguration configuration, PlanningInput input, JsonObject manifest, IEnumerable<JsonObject> events)
    {
        _plan = configuration.Annotate(ClusterPlanner.Plan(input));
        _status = manifest["status"]?["PostgresClusterStatus"]?.ToString();
        _conditions = [.. (manifest["status"]?["conditions"] as JsonArray ?? []).OfType<JsonObject>()];
        var roleLabel = OperatorSettings.From(input.Configuration).Kubernetes.PodRoleLabel;
        _pods = [.. input.Observed.List(KubernetesKinds.Pod, _plan.Cluster.Namespace).Where(p => IsMember(p, _plan.Cluster.Name)).Select(p => Pod.Of(p, roleLabel))];
        _events =
        [
            .. events.Where(e => ClusterInputs.Text(e, "kind") == "Event" || e.ContainsKey("involvedObject"))
                .Where(e => e["involvedObject"]?["name"]?.ToString() == _plan.Cluster.Name)
                .OrderBy(e => Time(e)?.ToString(), StringComparer.Ordinal).TakeLast(MostEvents),
        ];
        _history = [.. ClusterHistory.Read(input.Observed.Find(KubernetesKinds.ConfigMap, _plan.Cluster.Namespace, ClusterHistory.NameOf(_plan.Cluster.Name))).TakeLast(MostHistory)];
    }

    /// <summary>The text for people.</summary>
    public string ToText()
    {
        var text = new StringBuilder();
        text.Append(_plan.Cluster).Append(" is ").Append(_status ?? "unknown").Append('\n');
        foreach (var condition in _conditions)
            text.Append("  ").Append(condition["type"]).Append('=').Append(condition["status"]).Append("  ").Append(condition["message"]).Append('\n');
        text.Append("\nPods\n");
        if (_pods.Length == 0) text.Append("  none\n");
        foreach (var pod in _pods) pod.AppendTo(text);
        text.Append("\nWhat has to be done\n").Append(PlanText.Write(_plan));
        if (_events.Length > 0) text.Append("\nLast events\n");
        foreach (var item in _events) text.Append("  ").Append(Time(item)).Append("  ").Append(item["reason"]).Append(": ").Append(item["message"]).Append('\n');
        if (_history.Length > 0) text.Append("\nWhat was done and why (kubectl-pg history shows more)\n");
        foreach (var entry in _history) text.Append("  ").Append(HistoryCommand.Line(entry).Replace("\n", "\n  ", StringComparison.Ordinal)).Append('\n');
        return text.ToString();
    }

    /// <summary>The same as JSON; the plan has the form that <c>kubectl-pg plan -o json</c> prints.</summary>
    public string ToJson() => JsonText.Write(new JsonObject
    {
        ["cluster"] = _plan.Cluster.ToString(),
        ["status"] = _status,
        ["conditions"] = new JsonArray([.. _conditions.Select(c => c.DeepClone())]),
        ["pods"] = new JsonArray([.. _pods.Select(p => p.ToNode())]),
        ["plan"] = PlanJson.ToNode(_plan),
        ["events"] = new JsonArray([.. _events.Select(e => (JsonNode)new JsonObject
        {
            ["time"] = Time(e)?.DeepClone(), ["type"] = e["type"]?.DeepClone(), ["reason"] = e["reason"]?.DeepClone(), ["message"] = e["message"]?.DeepClone(),
        })]),
        ["history"] = new JsonArray([.. _history.Select(HistoryCommand.Node)]),
    }) + "\n";

    private static JsonNode? Time(JsonObject item) => item["lastTimestamp"] ?? item["eventTime"];

    private static bool IsMember(JsonObject pod, string cluster)
    {
        var name = pod["metadata"]?["name"]?.ToString() ?? "";
        return name.StartsWith(cluster + "-", StringComparison.Ordinal) && name.AsSpan(cluster.Length + 1).IndexOfAnyExceptInRange('0', '9') < 0;
    }

    private sealed record Pod(string Name, string? Role, bool IsReady, bool IsMarked, IReadOnlyList<Container> Containers)
    {
        public static Pod Of(JsonObject pod, string roleLabel) => new(
            pod["metadata"]!["name"]!.ToString(),
            pod["metadata"]!["labels"]?[roleLabel]?.ToString(),
            (pod["status"]?["conditions"] as JsonArray ?? []).OfType<JsonObject>().Any(c => c["type"]?.ToString() == "Ready" && c["status"]?.ToString() == "True"),
            pod["metadata"]!["annotations"]?[RollingUpdateMark]?.ToString() == "true",
            [.. (pod["status"]?["containerStatuses"] as JsonArray ?? []).OfType<JsonObject>().Select(Container.Of)]);

        public void AppendTo(StringBuilder text)
        {
            text.Append("  ").Append(Name).Append("  ").Append(Role ?? "no role").Append(IsReady ? "  ready" : "  not ready").Append('\n');
            if (IsMarked) text.Append("    is marked to be made again\n");
            foreach (var container in Containers) container.AppendTo(text);
        }

        public JsonNode ToNode() => new JsonObject
        {
            ["name"] = Name, ["role"] = Role, ["ready"] = IsReady, ["markedForRestart"] = IsMarked, ["containers"] = new JsonArray([.. Containers.Select(c => c.ToNode())]),
        };
    }

    private sealed record Container(string Name, int Restarts, JsonObject? Waiting, JsonObject? LastEnd)
    {
        public static Container Of(JsonObject status) => new(
            status["name"]?.ToString() ?? "",
            int.TryParse(status["restartCount"]?.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : 0,
            status["state"]?["waiting"] as JsonObject,
            status["lastState"]?["terminated"] as JsonObject);

        public void AppendTo(StringBuilder text)
        {
            if (Waiting is not null) text.Append("    ").Append(Name).Append(" waits: ").Append(Waiting["reason"]).Append(' ').Append(Waiting["message"]).Append('\n');
            if (LastEnd is null) return;
            text.Append("    ").Append(Name).Append(CultureInfo.InvariantCulture, $" restarted {Restarts} times, last because of ")
                .Append(LastEnd["reason"]).Append(" (exit code ").Append(LastEnd["exitCode"]).Append(") at ").Append(LastEnd["finishedAt"]).Append('\n');
        }

        public JsonNode ToNode() => new JsonObject { ["name"] = Name, ["restarts"] = Restarts, ["waiting"] = Waiting?.DeepClone(), ["lastTermination"] = LastEnd?.DeepClone() };
    }
}
