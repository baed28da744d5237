using System.CommandLine;
using System.Text.Json.Nodes;
using Zalando.Postgres.Cli.CommandLine;
using Zalando.Postgres.Cli.Planning;
using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Cli.Operations;

/// <summary><c>kubectl-pg switchover CLUSTER</c>: asks the operator to make another member the primary. The wish is an annotation, so it survives whoever acts on it.</summary>
public static class SwitchoverCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var access = new ClusterAccess();
        var candidate = new Option<string?>("--candidate") { Description = "Pod of the member that takes over. Default: the replica that is closest to the primary.", HelpName = "pod" };
        var at = new Option<string?>("--at") { Description = "When, for example 2026-01-31T12:00:00Z. Default: now.", HelpName = "time" };
        var cancel = new Option<bool>("--cancel") { Description = "Take a wish back that is not fulfilled yet." };
        var format = CommonOptions.Output();
        var command = new Command("switchover", "Ask the operator to make another member the primary, now or at a time.") { candidate, at, cancel, format };
        access.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (client, space, name, manifest) = await access.OpenAsync(parsed, cancellationToken).ConfigureAwait(false);
            using var opened = client;
            var pod = parsed.GetValue(candidate);
            var time = parsed.GetValue(at) is { } text ? PlanArguments.Time(text) : (DateTimeOffset?)null;
            var wish = parsed.GetValue(cancel) ? null : (pod ?? "any") + (time is { } when ? $"@{when.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}" : "");
            if (wish is not null) await CheckAsync(client, space, name, pod, cancellationToken).ConfigureAwait(false);
            var before = manifest["metadata"]?["annotations"]?[ClusterAnnotations.Switchover]?.ToString();
            var patch = new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [ClusterAnnotations.Switchover] = wish } } };
            if (before != wish)
            {
                await client.PatchAsync(
                    Postgresql.Descriptor, space, name, Patch.Merge(patch), null, new WriteOptions { FieldManager = "kubectl-pg" }, cancellationToken).ConfigureAwait(false);
            }

            var output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(format) == OutputFormat.Json)
            {
                await output.WriteLineAsync(JsonText.Write(new JsonObject
                {
                    ["cluster"] = $"{space}/{name}", ["candidate"] = wish is null ? null : pod ?? "any", ["at"] = time?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'"), ["requested"] = wish is not null,
                    ["replaced"] = before == wish ? null : before,
                })).ConfigureAwait(false);
                return ExitCodes.Success;
            }

            await output.WriteLineAsync(wish is null
                ? before is null ? "No switchover was asked for." : "The switchover is no longer asked for."
                : $"{space}/{name}: a switchover to {pod ?? "the best replica"} is asked for{(time is { } then ? $" at {then.UtcDateTime:yyyy-MM-dd HH:mm} UTC" : "")}. Follow it with: kubectl-pg history {name} -n {space}").ConfigureAwait(false);
            return ExitCodes.Success;
        });
        return command;
    }

    // What is plainly wrong is said at once; everything that changes is the operator's business.
    private static async Task CheckAsync(KubernetesClient client, string space, string name, string? pod, CancellationToken cancellationToken)
    {
        if (pod is null) return;
        var found = await client.GetAsync(KubernetesKinds.Pod, space, pod, cancellationToken).ConfigureAwait(false);
        if (found is null || !pod.StartsWith(name + "-", StringComparison.Ordinal)) throw new CommandException($"{pod} is no pod of the cluster {name}. Its members are {name}-0, {name}-1 and so on.");
        if (found["metadata"]?["labels"]?["spilo-role"]?.ToString() == "master") throw new CommandException($"{pod} is the primary already.");
    }
}
