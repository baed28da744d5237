using System.Globalization;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Testing.Controllers.Workloads;

namespace Zalando.Postgres.Sdk.Testing.Controllers.Jobs;

/// <summary>Runs pods until enough have succeeded or too many have failed. Each ended pod is counted once: its finalizer says whether it has been.</summary>
internal sealed class JobController(ControllerContext context) : Controller(context)
{
    private const string Tracking = "batch.kubernetes.io/job-tracking";
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromMinutes(10);

    public override string Name => "job";

    public override void Observe(ApiChange change, Action<ObjectKey> enqueue)
    {
        if (change.Kind.Kind == "Job") enqueue(ObjectKey.Of(change.Object));
        else if (change.Kind.Kind == "Pod" && (change.Object.ControllerOf() ?? change.Previous?.ControllerOf()) is { } owner && owner.FindText("kind") == "Job")
            enqueue(new(change.Object.NamespaceOf(), owner.FindText("name") ?? ""));
        if (change.Kind.Kind == "Pod" && change.Object.HasFinalizer(Tracking) && change.Object.ControllerOf() is null) Release(change.Object);
    }

    public override TimeSpan? Reconcile(ObjectKey key)
    {
        if (State.Get(KubernetesKinds.Job, key) is not { } job)
        {
            // The job is gone: nobody counts its pods any more.
            foreach (var orphan in State.List(KubernetesKinds.Pod, key.Namespace))
                if (orphan.HasFinalizer(Tracking) && orphan.ControllerOf() is { } owner && owner.FindText("kind") == "Job" && owner.FindText("name") == key.Name) Release(orphan);
            return null;
        }

        var pods = Pods(job);
        if (job.IsTerminating() || JobState.IsFinished(job))
        {
            foreach (var pod in pods.Where(static p => p.HasFinalizer(Tracking) && (PodState.IsFinished(p) || p.IsTerminating()))) Release(pod);
            if (JobState.IsFinished(job)) UpdateCounts(job);
            return null;
        }

        var status = job.FindMap("status")?.Copy() ?? [];
        var suspended = job.FindFlag("spec", "suspend");
        var succeeded = status.FindNumber("succeeded") ?? 0;
        var failed = status.FindNumber("failed") ?? 0;
        var counted = new List<JsonObject>();
        foreach (var pod in pods.Where(static p => p.HasFinalizer(Tracking)))
        {
            if (PodState.Phase(pod) == "Succeeded") succeeded++;
            else if (PodState.Phase(pod) == "Failed" || (pod.IsTerminating() && !suspended)) failed++;
            else if (!pod.IsTerminating()) continue;
            counted.Add(pod);
        }

        if (!suspended && status.FindText("startTime") is null) status["startTime"] = Now.Stamp();
        SetSuspended(status, suspended, job);
        var completions = job.FindNumber("spec", "completions");
        var active = pods.Where(PodState.IsActive).ToList();
        TimeSpan? again = null;
        var (end, message) = End(job, status, succeeded, failed, completions, active.Count);
        if (end is not null)
        {
            foreach (var pod in active)
            {
                Release(pod);
                Api.Delete(KubernetesKinds.Pod, key.Namespace, pod.NameOf());
            }

            active.Clear();
            AddConditions(status, end, message!);
            if (end == "CompletionsReached") status["completionTime"] = Now.Stamp();
        }
        else if (suspended)
        {
            foreach (var pod in active)
            {
                Api.Delete(KubernetesKinds.Pod, key.Namespace, pod.NameOf());
                if (State.Get(KubernetesKinds.Pod, ObjectKey.Of(pod)) is { } going) counted.Add(going);
            }

            active.Clear();
            status.Remove("startTime");
        }
        else
        {
            again = Fill(job, status, pods, active, succeeded, failed, completions);
            if (job.FindNumber("spec", "activeDeadlineSeconds") is { } deadline && status.FindTime("startTime") is { } started)
            {
                var left = started.AddSeconds(deadline) - Now;
                if (again is null || left < again) again = left;
            }
        }

        Count(status, "succeeded", succeeded);
        Count(status, "failed", failed);
        WriteStatus(job, status);
        foreach (var pod in counted) Release(pod);
        return again;
    }

    private List<JsonObject> Pods(JsonObject job) => ControllerOwnership.Claim(Context, KubernetesKinds.Job, job, KubernetesKinds.Pod,
        p => LabelMatch.Matches(job.FindMap("spec", "selector"), p.LabelsOf()));

    private (string? Reason, string? Message) End(JsonObject job, JsonObject status, int succeeded, int failed, int? completions, int active)
    {
        if (failed > (job.FindNumber("spec", "backoffLimit") ?? 6)) return ("BackoffLimitExceeded", "Job has reached the specified backoff limit");
        if (job.FindNumber("spec", "activeDeadlineSeconds") is { } deadline && status.FindTime("startTime") is { } started && Now - started >= TimeSpan.FromSeconds(deadline))
            return ("DeadlineExceeded", "Job was active longer than specified deadline");
        if (completions is { } wanted ? succeeded >= wanted : succeeded > 0 && active == 0) return ("CompletionsReached", "Reached expected number of succeeded pods");
        return (null, null);
    }

    private TimeSpan? Fill(JsonObject job, JsonObject status, List<JsonObject> pods, List<JsonObject> active, int succeeded, int failed, int? completions)
    {
        _ = status;
        var parallel = job.FindNumber("spec", "parallelism") ?? 1;
        var wanted = completions is { } total ? Math.Min(parallel, total - succeeded) : succeeded > 0 ? active.Count : parallel;
        foreach (var surplus in active.Skip(Math.Max(0, wanted)).ToArray())
        {
            Api.Delete(KubernetesKinds.Pod, job.NamespaceOf(), surplus.NameOf());
            active.Remove(surplus);
        }

        if (active.Count >= wanted) return null;
        if (failed > 0 && pods.Where(static p => PodState.Phase(p) == "Failed").Select(EndedAt).Max() is { } last)
        {
            var delay = TimeSpan.FromTicks(Math.Min(LongestRetry.Ticks, FirstRetry.Ticks << Math.Min(failed - 1, 16)));
            var wait = last + delay - Now;
            if (wait > TimeSpan.Zero) return wait;
        }

        var indexed = job.FindText("spec", "completionMode") == "Indexed";
        for (var i = active.Count; i < wanted; i++)
        {
            var template = job.FindMap("spec", "template")?.Copy() ?? [];
            var pod = PodState.FromTemplate(template, job.NamespaceOf(), job.OwnerReference(KubernetesKinds.Job));
            var metadata = pod.Make("metadata");
            metadata["generateName"] = job.NameOf() + "-";
            if (metadata["finalizers"] is not JsonArray finalizers) metadata["finalizers"] = finalizers = [];
            finalizers.Add((JsonNode)Tracking);
            if (indexed) SetIndex(job, pod, pods, active);
            active.Add(Api.Create(KubernetesKinds.Pod, pod));
        }

        return null;
    }

    private static void SetIndex(JsonObject job, JsonObject pod, List<JsonObject> pods, List<JsonObject> active)
    {
        const string annotation = "batch.kubernetes.io/job-completion-index";
        var taken = active.Concat(pods.Where(static p => PodState.Phase(p) == "Succeeded")).Select(p => p.FindText("metadata", "annotations", annotation)).ToHashSet(StringComparer.Ordinal);
        var index = 0;
        while (taken.Contains(index.ToString(CultureInfo.InvariantCulture))) index++;
        var text = index.ToString(CultureInfo.InvariantCulture);
        var metadata = pod.Make("metadata");
        metadata.Make("annotations")[annotation] = text;
        metadata.Make("labels")[annotation] = text;
        metadata["generateName"] = $"{job.NameOf()}-{text}-";
        pod.Make("spec")["hostname"] = $"{job.NameOf()}-{text}";
    }

    private DateTimeOffset? EndedAt(JsonObject pod) => pod.FindObjects("status", "containerStatuses").Select(static c => c.FindTime("state", "terminated", "finishedAt")).Max()
        ?? pod.FindTime("metadata", "creationTimestamp");

    private void SetSuspended(JsonObject status, bool suspended, JsonObject job)
    {
        var before = job.Condition("Suspended").FindText("status");
        if (suspended && before != "True") SetCondition(status, "Suspended", "True", "JobSuspended", "Job suspended");
        else if (!suspended && before == "True") SetCondition(status, "Suspended", "False", "JobResumed", "Job resumed");
    }

    private void AddConditions(JsonObject status, string reason, string message)
    {
        var success = reason == "CompletionsReached";
        SetCondition(status, success ? "SuccessCriteriaMet" : "FailureTarget", "True", reason, message);
        SetCondition(status, success ? "Complete" : "Failed", "True", reason, message);
    }

    private void SetCondition(JsonObject status, string type, string value, string reason, string message)
    {
        if (status["conditions"] is not JsonArray conditions) status["conditions"] = conditions = [];
        var condition = conditions.OfType<JsonObject>().FirstOrDefault(c => c.FindText("type") == type);
        if (condition is null) conditions.Add((JsonNode)(condition = new JsonObject { ["type"] = type }));
        condition["status"] = value;
        condition["lastProbeTime"] = Now.Stamp();
        condition["lastTransitionTime"] = Now.Stamp();
        condition["reason"] = reason;
        condition["message"] = message;
    }

    private void UpdateCounts(JsonObject job) => WriteStatus(job, job.FindMap("status")?.Copy() ?? []);

    private void WriteStatus(JsonObject job, JsonObject status)
    {
        if (State.Get(KubernetesKinds.Job, ObjectKey.Of(job)) is not { } now || now.UidOf() != job.UidOf()) return;
        var pods = State.List(KubernetesKinds.Pod, job.NamespaceOf()).Where(p => p.IsControlledBy(job)).ToArray();
        Count(status, "active", pods.Count(PodState.IsActive));
        status.SetNumber("terminating", pods.Count(static p => p.IsTerminating() && !PodState.IsFinished(p) && p.FindText("spec", "nodeName") is { Length: > 0 }));
        status.SetNumber("ready", pods.Count(static p => PodState.IsActive(p) && PodState.IsReady(p)));
        status["uncountedTerminatedPods"] = new JsonObject();
        if (JsonNode.DeepEquals(now["status"], status)) return;
        var copy = now.Copy();
        copy["status"] = status;
        Api.Update(KubernetesKinds.Job, copy, "status");
    }

    private static void Count(JsonObject status, string field, int number)
    {
        if (number > 0) status.SetNumber(field, number);
        else status.Remove(field);
    }

    private void Release(JsonObject pod)
    {
        if (State.Get(KubernetesKinds.Pod, ObjectKey.Of(pod)) is not { } now || now.UidOf() != pod.UidOf()) return;
        var copy = now.Copy();
        if (copy.RemoveFinalizer(Tracking)) Api.Update(KubernetesKinds.Pod, copy);
    }
}
