using System.CommandLine;
using Zalando.Postgres.Cli.CommandLine;
using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Kubernetes.Configuration;
using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Resources;
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
        var space = CommonOptions.Namespace();
        var kubeconfig = CommonOptions.Kubeconfig();
        var now = PlanOptions.Now();
        var format = CommonOptions.Output();
        var command = new Command("explain", "Explain why a cluster is in its state, why pods restarted, and what it waits for.") { cluster, configuration, observed, space, kubeconfig, now, format };
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
                await output.WriteAsync(Write(new ClusterExplanation(used, ClusterInputs.Input(manifest, used.Value, found, time, inNamespace), manifest, objects), parsed.GetValue(format))).ConfigureAwait(false);
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
            var state = ClusterInputs.Observe(read, defaultNamespace) with { OffersPodResize = await client.OffersAsync(KubernetesKinds.Pod, "resize", cancellationToken).ConfigureAwait(false) };
            await output.WriteAsync(Write(new ClusterExplanation(settings, ClusterInputs.Input(live, settings.Value, state, time, defaultNamespace), live, events.Items), parsed.GetValue(format))).ConfigureAwait(false);
            return ExitCodes.Success;
        });
        return command;
    }

    private static string Write(ClusterExplanation explanation, OutputFormat format) => format == OutputFormat.Json ? explanation.ToJson() : explanation.ToText();
}
