using System.Globalization;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Testing.Controllers.Jobs;

/// <summary>Makes jobs on a schedule and clears away old ones.</summary>
internal sealed class CronJobController(ControllerContext context) : Controller(context)
{
    public override string Name => "cronjob";

    public override void Observe(ApiChange change, Action<ObjectKey> enqueue)
    {
        if (change.Kind.Kind == "CronJob") enqueue(ObjectKey.Of(change.Object));
        else if (change.Kind.Kind == "Job" && change.Object.ControllerOf() is { } owner && owner.FindText("kind") == "CronJob")
            enqueue(new(change.Object.NamespaceOf(), owner.FindText("name") ?? ""));
    }

    public override TimeSpan? Reconcile(ObjectKey key)
    {
        if (State.Get(KubernetesKinds.CronJob, key) is not { } cron || cron.IsTerminating()) return null;
        var jobs = State.List(KubernetesKinds.Job, key.Namespace).Where(j => j.IsControlledBy(cron)).ToArray();
        CleanUp(cron, jobs);
        var status = cron.FindMap("status")?.Copy() ?? [];
        var active = Active(status, jobs);
        var successes = jobs.Where(static j => j.IsConditionTrue("Complete")).Select(static j => j.FindTime("status", "completionTime")).OfType<DateTimeOffset>().ToArray();
        if (successes.Length > 0 && (status.FindTime("lastSuccessfulTime") is not { } before || successes.Max() > before)) status["lastSuccessfulTime"] = successes.Max().Stamp();
        TimeSpan? again = null;
        if (!cron.FindFlag("spec", "suspend")) again = Run(cron, status, active, jobs);
        if (active.Count > 0) status["active"] = active;
        else status.Remove("active");
        if (State.Get(KubernetesKinds.CronJob, key) is not { } now || JsonNode.DeepEquals(now["status"] ?? new JsonObject(), status)) return again;
        var copy = now.Copy();
        copy["status"] = status;
        Api.Update(KubernetesKinds.CronJob, copy, "status");
        return again;
    }

    private TimeSpan? Run(JsonObject cron, JsonObject status, JsonArray active, JsonObject[] jobs)
    {
        CronSchedule schedule;
        TimeZoneInfo zone;
        try
        {
            schedule = CronSchedule.Parse(cron.FindText("spec", "schedule") ?? "");
            zone = cron.FindText("spec", "timeZone") is { Length: > 0 } name ? TimeZoneInfo.FindSystemTimeZoneById(name) : TimeZoneInfo.Utc;
        }
        catch (Exception error) when (error is FormatException or TimeZoneNotFoundException or InvalidTimeZoneException)
        {
            return null;
        }

        var next = schedule.Next(Now, zone);
        TimeSpan? again = next is { } coming ? coming - Now : null;
        if (Latest(cron, status, schedule, zone) is not { } due) return again;
        if (cron.FindNumber("spec", "startingDeadlineSeconds") is { } deadline && due.AddSeconds(deadline) < Now) return again;
        var policy = cron.FindText("spec", "concurrencyPolicy");
        if (policy == "Forbid" && active.Count > 0) return again;
        if (policy == "Replace")
        {
            foreach (var running in active.OfType<JsonObject>())
                Api.Delete(KubernetesKinds.Job, cron.NamespaceOf(), running.FindText("name") ?? "", new JsonObject { ["propagationPolicy"] = "Background" });
            active.Clear();
        }

        var jobName = string.Create(CultureInfo.InvariantCulture, $"{cron.NameOf()}-{due.ToUnixTimeSeconds() / 60}");
        if (jobs.All(j => j.NameOf() != jobName))
        {
            var template = cron.FindMap("spec", "jobTemplate") ?? [];
            var metadata = new JsonObject { ["name"] = jobName, ["namespace"] = cron.NamespaceOf(), ["ownerReferences"] = new JsonArray(cron.OwnerReference(KubernetesKinds.CronJob)) };
            if (template.Find("metadata", "labels") is { } labels) metadata["labels"] = labels.DeepClone();
            var annotations = template.FindMap("metadata", "annotations")?.Copy() ?? [];
            annotations["batch.kubernetes.io/cronjob-scheduled-timestamp"] = due.Stamp();
            metadata["annotations"] = annotations;
            var job = Api.Create(KubernetesKinds.Job, new JsonObject
            {
                ["apiVersion"] = "batch/v1", ["kind"] = "Job", ["metadata"] = metadata, ["spec"] = template.Find("spec")?.DeepClone() ?? new JsonObject(),
            });
            active.Add((JsonNode)new JsonObject
            {
                ["apiVersion"] = "batch/v1", ["kind"] = "Job", ["namespace"] = job.NamespaceOf(), ["name"] = job.NameOf(), ["uid"] = job.UidOf(),
                ["resourceVersion"] = job.FindText("metadata", "resourceVersion"),
            });
        }

        status["lastScheduleTime"] = due.Stamp();
        return again;
    }

    /// <summary>The latest time that was due and has not been served.</summary>
    private DateTimeOffset? Latest(JsonObject cron, JsonObject status, CronSchedule schedule, TimeZoneInfo zone)
    {
        var from = status.FindTime("lastScheduleTime") ?? cron.FindTime("metadata", "creationTimestamp") ?? Now;
        if (cron.FindNumber("spec", "startingDeadlineSeconds") is { } deadline && Now.AddSeconds(-deadline) > from) from = Now.AddSeconds(-deadline);
        DateTimeOffset? latest = null;
        // A schedule that was long not served is not run through minute by minute.
        if (Now - from > TimeSpan.FromDays(2)) from = Now - TimeSpan.FromDays(2);
        for (var time = schedule.Next(from, zone); time is { } due && due <= Now; time = schedule.Next(due, zone)) latest = due;
        return latest;
    }

    private static JsonArray Active(JsonObject status, JsonObject[] jobs)
    {
        var result = new JsonArray();
        foreach (var reference in status.FindObjects("active"))
            if (jobs.FirstOrDefault(j => j.UidOf() == reference.FindText("uid")) is { } job && !JobState.IsFinished(job)) result.Add(reference.DeepClone());
        return result;
    }

    private void CleanUp(JsonObject cron, JsonObject[] jobs)
    {
        foreach (var (condition, limit) in ((string, int?)[])
            [("Complete", cron.FindNumber("spec", "successfulJobsHistoryLimit")), ("Failed", cron.FindNumber("spec", "failedJobsHistoryLimit"))])
        {
            if (limit is not { } keep) continue;
            var finished = jobs.Where(j => j.IsConditionTrue(condition) && !j.IsTerminating()).OrderBy(static j => j.FindText("status", "startTime"), StringComparer.Ordinal).ToArray();
            for (var i = 0; i < finished.Length - keep; i++)
                Api.Delete(KubernetesKinds.Job, cron.NamespaceOf(), finished[i].NameOf(), new JsonObject { ["propagationPolicy"] = "Background" });
        }
    }
}
