using System.CommandLine;
using System.Text;
using System.Text.Json.Nodes;
using Zalando.Postgres.Cli.CommandLine;
using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Kubernetes.Configuration;
using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Reconciliation.History;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Cli.Planning;

/// <summary><c>kubectl-pg explain CLUSTER</c>: why a cluster is in its state, why pods restarted, and what it waits for.</summary>
public static class ExplainCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var cluster = new Argument<string>("cluster") { Description = "Name of the cluster." };
        var configuration = CommonOptions.Configuration();
        var observed = PlanOptions.Observed();
        observed.Required = false;
        var space = CommonOptions.Namespace();
        var kubeconfig = CommonOptions.Kubeconfig();
        var now = PlanOptions.Now();
        var command = new Command("explain", "Explain why a cluster is in its state, why pods restarted, and what it waits for.") { cluster, configuration, observed, space, kubeconfig, now };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var file = parsed.GetValue(configuration);
            var name = parsed.GetValue(cluster)!;
            var time = PlanArguments.Time(parsed.GetValue(now));
            var output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(observed) is { } path and not "cluster")
            {
                var inNamespace = parsed.GetValue(space) ?? "default";
                var objects = await ObjectFiles.ReadAsync([path], cancellationToken).ConfigureAwait(false);
                var used = await UsedConfiguration.FindAsync(file, objects, cancellationToken).ConfigureAwait(false);
                var found = ClusterInputs.Observe(objects, inNamespace);
                var manifest = found.Objects.FirstOrDefault(o => o.Key.Kind == "postgresql" && o.Key.Name == name).Value
                    ?? throw new CommandException($"{path} holds no postgresql object named {name}.");
                await output.WriteAsync(Text(used, ClusterInputs.Input(manifest, used.Value, found, time, inNamespace), manifest, objects)).ConfigureAwait(false);
                return ExitCodes.Success;
            }

            var access = KubernetesClientConfiguration.FromKubeconfigFile(parsed.GetValue(kubeconfig));
            using var client = new KubernetesClient(access);
            var defaultNamespace = parsed.GetValue(space) ?? access.Namespace ?? "default";
            var live = await client.GetAsync(Postgresql.Descriptor, defaultNamespace, name, cancellationToken).ConfigureAwait(false)
                ?? throw new CommandException($"There is no cluster {name} in namespace {defaultNamespace}.");
            var settings = await UsedConfiguration.FindAsync(file, client, cancellationToken).ConfigureAwait(false);
            var read = await LiveCluster.ReadAsync(client, ClusterInputs.Input(live, settings.Value, ObservedCluster.Empty, time, defaultNamespace), cancellationToken).ConfigureAwait(false);
            var events = await client.ListAsync(KubernetesKinds.Event, defaultNamespace, new ListOptions { FieldSelector = $"involvedObject.name={name}" }, cancellationToken).ConfigureAwait(false);
            var state = ClusterInputs.Observe(read, defaultNamespace);
            await output.WriteAsync(Text(settings, ClusterInputs.Input(live, settings.Value, state, time, defaultNamespace), live, events.Items)).ConfigureAwait(false);
            return ExitCodes.Success;
        });
        return command;
    }

    private static string Text(UsedConfiguration configuration, PlanningInput input, JsonObject manifest, IEnumerable<JsonObject> events)
    {
        var plan = configuration.Annotate(ClusterPlanner.Plan(input));
        var roleLabel = OperatorSettings.From(input.Configuration).Kubernetes.PodRoleLabel;
        var text = new StringBuilder();
        var status = manifest["status"]?["PostgresClusterStatus"]?.ToString() ?? "unknown";
        text.Append(plan.Cluster).Append(" is ").Append(status).Append('\n');
        foreach (var condition in (manifest["status"]?["conditions"] as JsonArray ?? []).OfType<JsonObject>())
            text.Append("  ").Append(condition["type"]).Append('=').Append(condition["status"]).Append("  ").Append(condition["message"]).Append('\n');
        text.Append("\nPods\n");
        var pods = input.Observed.List(KubernetesKinds.Pod, plan.Cluster.Namespace).Where(p => IsMember(p, plan.Cluster.Name)).ToArray();
        if (pods.Length == 0) text.Append("  none\n");
        foreach (var pod in pods) AppendPod(text, pod, roleLabel);
        text.Append("\nWhat has to be done\n").Append(PlanText.Write(plan));
        var recent = events.Where(e => ClusterInputs.Text(e, "kind") == "Event" || e.ContainsKey("involvedObject"))
            .Where(e => e["involvedObject"]?["name"]?.ToString() == plan.Cluster.Name)
            .OrderBy(e => (e["lastTimestamp"] ?? e["eventTime"])?.ToString(), StringComparer.Ordinal).TakeLast(10).ToArray();
        if (recent.Length > 0) text.Append("\nLast events\n");
        foreach (var item in recent)
            text.Append("  ").Append(item["lastTimestamp"] ?? item["eventTime"]).Append("  ").Append(item["reason"]).Append(": ").Append(item["message"]).Append('\n');
        var history = ClusterHistory.Read(input.Observed.Find(KubernetesKinds.ConfigMap, plan.Cluster.Namespace, ClusterHistory.NameOf(plan.Cluster.Name)) ).TakeLast(10).ToArray();
        if (history.Length > 0) text.Append("\nWhat was done and why (kubectl-pg history shows more)\n");
        foreach (var entry in history) text.Append("  ").Append(Operations.HistoryCommand.Line(entry).Replace("\n", "\n  ", StringComparison.Ordinal)).Append('\n');
        return text.ToString();
    }

    private static bool IsMember(JsonObject pod, string cluster)
    {
        var name = pod["metadata"]?["name"]?.ToString() ?? "";
        return name.StartsWith(cluster + "-", StringComparison.Ordinal) && name.AsSpan(cluster.Length + 1).IndexOfAnyExceptInRange('0', '9') < 0;
    }

    private static void AppendPod(StringBuilder text, JsonObject pod, string roleLabel)
    {
        var labels = pod["metadata"]?["labels"];
        var ready = (pod["status"]?["conditions"] as JsonArray ?? []).OfType<JsonObject>().Any(c => c["type"]?.ToString() == "Ready" && c["status"]?.ToString() == "True");
        text.Append("  ").Append(pod["metadata"]!["name"]).Append("  ").Append(labels?[roleLabel]?.ToString() ?? "no role").Append(ready ? "  ready" : "  not ready").Append('\n');
        if (pod["metadata"]?["annotations"]?["zalando-postgres-operator-rolling-update-required"]?.ToString() == "true") text.Append("    is marked to be made again\n");
        foreach (var container in (pod["status"]?["containerStatuses"] as JsonArray ?? []).OfType<JsonObject>())
        {
            if (container["state"]?["waiting"] is JsonObject waiting) text.Append("    ").Append(container["name"]).Append(" waits: ").Append(waiting["reason"]).Append(' ').Append(waiting["message"]).Append('\n');
            if (container["lastState"]?["terminated"] is not JsonObject last) continue;
            text.Append("    ").Append(container["name"]).Append(" restarted ").Append(container["restartCount"]).Append(" times, last because of ")
                .Append(last["reason"]).Append(" (exit code ").Append(last["exitCode"]).Append(") at ").Append(last["finishedAt"]).Append('\n');
        }
    }
}
