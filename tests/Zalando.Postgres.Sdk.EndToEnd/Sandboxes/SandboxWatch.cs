using System.Diagnostics;
using System.Text;
using Npgsql;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Sandbox;
using Zalando.Postgres.Sdk.Testing.ApiServer;

namespace Zalando.Postgres.Sdk.EndToEnd.Sandboxes;

/// <summary>Waits for what happens in a sandbox: looks again after each change in its API server, where Patroni, the node and the operator write what they do.</summary>
public sealed class SandboxWatch(SandboxCluster sandbox)
{
    // Protects from waiting for ever; nothing is expected to take so long.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private static readonly string[] Chatter = ["connection received", "connection authenticated", "connection authorized", "disconnection", "INFO: no action", "automatic vacuum", "automatic a", "checkpoint", "elapsed:"];

    /// <summary>Something happened that is no change in the API server.</summary>
    public event Action? Happened;

    /// <summary>Makes everybody look again.</summary>
    public void Look() => Happened?.Invoke();

    /// <summary>Changes from now on, to wait for one after the other.</summary>
    public SandboxChanges Changes() => new(this, sandbox.ApiServer.Access);

    /// <summary>Waits until a condition holds.</summary>
    public Task UntilAsync(string what, Func<bool> condition, CancellationToken cancellationToken) =>
        LookUntilAsync(what, _ => Task.FromResult(condition() ? (true, "") : (false, "it does not hold")), cancellationToken);

    /// <summary>Waits until a question to a process has the wanted answer. A process that cannot be asked yet is asked again.</summary>
    public Task UntilAsync(string what, Func<CancellationToken, Task<bool>> condition, CancellationToken cancellationToken) =>
        AgainAsync(what, async token => await condition(token) ? (true, "") : (false, "not so yet"), cancellationToken);

    /// <summary>Waits until a question to a process has the wanted answer, and tells the last one when it does not come.</summary>
    public Task UntilEqualAsync<T>(string what, T wanted, Func<CancellationToken, Task<T>> question, CancellationToken cancellationToken) =>
        AgainAsync(
            what,
            async token =>
            {
                var answer = await question(token);
                return EqualityComparer<T>.Default.Equals(answer, wanted) ? (true, "") : (false, $"wanted '{wanted}', last answer '{answer}'");
            },
            cancellationToken);

    /// <summary>Does something that may fail while the cluster is on its way there, until it succeeds.</summary>
    public async Task<T> SucceedAsync<T>(string what, Func<CancellationToken, Task<T>> attempt, CancellationToken cancellationToken)
    {
        T? result = default;
        await AgainAsync(
            what,
            async token =>
            {
                result = await attempt(token);
                return (true, "");
            },
            cancellationToken);
        return result!;
    }

    /// <summary>Whether a failure is one of a server that comes, goes or moves.</summary>
    public static bool IsPassing(Exception exception) => exception is NpgsqlException or IOException or TimeoutException or HttpRequestException or Zalando.Postgres.Sdk.Patroni.PatroniException;

    private Task AgainAsync(string what, Func<CancellationToken, Task<(bool, string)>> look, CancellationToken cancellationToken) => LookUntilAsync(
        what,
        async token =>
        {
            try
            {
                return await look(token);
            }
            catch (Exception exception) when (IsPassing(exception))
            {
                return (false, exception.Message);
            }
        },
        cancellationToken);

    private async Task LookUntilAsync(string what, Func<CancellationToken, Task<(bool Holds, string Why)>> look, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        using var changes = Changes();
        var last = "";
        try
        {
            while (true)
            {
                (var holds, last) = await look(limit.Token);
                if (holds) return;
                await changes.NextAsync(limit.Token);
            }
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"Waited {Patience.TotalSeconds:0} s until {what} ({last}).\n{await DescribeAsync()}", exception);
        }
    }

    private async Task<string> DescribeAsync()
    {
        var api = sandbox.ApiServer.Access;
        var text = new StringBuilder();
        foreach (var cluster in api.Kinds.Contains(Postgresql.Descriptor) ? api.List(Postgresql.Descriptor, null) : [])
            text.AppendLine($"{cluster["metadata"]!["name"]}: {cluster["metadata"]!["annotations"]?.ToJsonString()} {cluster["spec"]?.ToJsonString()} {cluster["status"]?.ToJsonString()}");
        foreach (var pod in sandbox.Pods.List())
        {
            text.AppendLine(pod.ToString());
            if (api.Get(KubernetesKinds.Pod, pod.Namespace, pod.Name) is not { } stored) continue;
            try
            {
                using var log = new StreamReader(await sandbox.ApiServer.PodRuntime!.OpenLogAsync(stored, new() { Container = (string?)stored["spec"]!["containers"]![0]!["name"] ?? "", TailLines = 3000 }, CancellationToken.None));
                var lines = (await log.ReadToEndAsync()).Split('\n').Where(l => !l.StartsWith('\t') && !Chatter.Any(c => l.Contains(c, StringComparison.Ordinal))).ToList();
                text.AppendLine(string.Join('\n', lines.TakeLast(200)));
            }
            catch (ApiStatusException exception)
            {
                text.AppendLine(exception.Message);
            }
        }

        foreach (var kind in new[] { KubernetesKinds.Pod, KubernetesKinds.ConfigMap, KubernetesKinds.Endpoints })
        {
            foreach (var value in api.List(kind, null))
                text.AppendLine($"{kind.Kind} {value["metadata"]?["name"]} {value["metadata"]?["labels"]?.ToJsonString()} {value["metadata"]?["annotations"]?.ToJsonString()} {value["subsets"]?.ToJsonString()} {value["status"]?.ToJsonString()}");
        }

        foreach (var value in api.List(KubernetesKinds.Event, null)) text.AppendLine($"{value["involvedObject"]?["name"]} {value["reason"]}: {value["message"]}");
        return text.ToString();
    }
}
