using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Samples.Quickstart;

/// <summary>Follows Events, pods and the cluster's status through the Kubernetes API, as any client could.</summary>
internal sealed class ClusterFollower(IKubernetesClient client, ProgressWriter progress)
{
    private readonly Dictionary<string, string> _seen = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();

    /// <summary>Runs until cancelled.</summary>
    public Task RunAsync(CancellationToken cancellationToken) => Task.WhenAll(
        FollowAsync<Event>(OnEvent, cancellationToken),
        FollowAsync<Pod>(OnPod, cancellationToken),
        FollowAsync<Postgresql>(OnCluster, cancellationToken));

    private async Task FollowAsync<T>(Action<T> show, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T>
    {
        // A watch without a version starts with what is there, so nothing is missed when the server ends it and it starts again.
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await foreach (var change in client.WatchAsync<T>(null, new WatchOptions(), cancellationToken))
                {
                    if (change is { Object: { } value, Type: WatchEventType.Added or WatchEventType.Modified }) show(value);
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception) when (exception is KubernetesApiException or HttpRequestException or IOException)
            {
                await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private void OnEvent(Event value)
    {
        if (IsNew("event/" + value.Metadata.Namespace + "/" + value.Metadata.Name, value.Message + value.Count))
        {
            progress.Step(
                $"{value.InvolvedObject?.Kind?.ToLowerInvariant()}/{value.InvolvedObject?.Name}",
                $"{value.Reason}: {value.Message}",
                value.Type == "Warning" ? StepKind.Warning : StepKind.Normal);
        }
    }

    private void OnPod(Pod pod)
    {
        var ready = pod.Status?.Conditions?.Any(c => c is { Type: "Ready", Status: "True" }) == true;
        var role = pod.Metadata.Labels?.GetValueOrDefault("spilo-role");
        var waiting = pod.Status?.ContainerStatuses?.Select(s => s.State?.Waiting?.Reason).FirstOrDefault(r => r is not null);
        var state = string.Join(", ", new[]
        {
            waiting ?? pod.Status?.Phase ?? "Pending",
            ready ? "ready" : "not ready",
            role is null ? null : $"role {role}",
            pod.Status?.PodIP,
        }.Where(s => s is not null));
        if (IsNew("pod/" + pod.Metadata.Name, state)) progress.Step("pod/" + pod.Metadata.Name, state, ready ? StepKind.Good : StepKind.Normal);
    }

    private void OnCluster(Postgresql cluster)
    {
        var conditions = (cluster.Status?.Conditions ?? []).Where(c => c is { Status: "True" } or { Type: "Ready" })
            .Select(c => c.Status == "True" ? $"{c.Type}" : $"not {c.Type} ({c.Message})");
        var state = $"status {cluster.Status?.PostgresClusterStatus ?? "not set"}; {string.Join(", ", conditions)}";
        if (cluster.Status is not null && IsNew("postgresql/" + cluster.Metadata.Name, state))
        {
            progress.Step("postgresql/" + cluster.Metadata.Name, state, IsReady(cluster) ? StepKind.Good : StepKind.Normal);
        }
    }

    /// <summary>Whether the operator says that the newest manifest is in force and serves.</summary>
    public static bool IsReady(Postgresql cluster) =>
        cluster.Status?.ObservedGeneration == cluster.Metadata.Generation
        && cluster.Status?.Conditions?.Any(c => c is { Type: "Ready", Status: "True" }) == true;

    private bool IsNew(string key, string state)
    {
        lock (_gate)
        {
            if (_seen.TryGetValue(key, out var old) && old == state) return false;
            _seen[key] = state;
            return true;
        }
    }
}
