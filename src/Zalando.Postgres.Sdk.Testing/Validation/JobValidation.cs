using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;
using Zalando.Postgres.Sdk.Testing.Controllers;
using Zalando.Postgres.Sdk.Testing.Controllers.Jobs;

namespace Zalando.Postgres.Sdk.Testing.Validation;

/// <summary>Jobs and cron jobs.</summary>
internal static class JobValidation
{
    public static void Job(JsonObject job, JsonObject? old, FaultList faults)
    {
        var spec = job.Object("spec") ?? [];
        var before = old.Object("spec");
        // The server looks twice on an update: at the object alone, and against the old one.
        Spec(job, spec, isNew: old is null, faults);
        if (before is null) return;
        Spec(job, spec, isNew: false, faults);
        if (!JsonNode.DeepEquals(spec["completions"], before["completions"]) && spec.Text("completionMode") != "Indexed") faults.Invalid("spec.completions", spec["completions"], "field is immutable");
        if (!JsonNode.DeepEquals(spec["selector"], before["selector"])) faults.Invalid("spec.selector", spec["selector"], "field is immutable");
        if (!JsonNode.DeepEquals(spec["completionMode"], before["completionMode"])) faults.Invalid("spec.completionMode", spec["completionMode"], "field is immutable");
        var template = spec.Object("template").Object("spec")?.CopyObject() ?? [];
        var oldTemplate = before.Object("template").Object("spec") ?? [];
        if (before.Flag("suspend") == true && old.Object("status").Text("startTime") is null)
        {
            // A job that has not begun may still be given another place to run.
            foreach (var field in (ReadOnlySpan<string>)["nodeSelector", "affinity", "tolerations", "schedulingGates"]) template.Put(field, oldTemplate[field]?.DeepClone());
            foreach (var list in (ReadOnlySpan<string>)["containers", "initContainers"]) KeepResources(template.Array(list), oldTemplate.Array(list));
        }

        if (!JsonNode.DeepEquals(template, oldTemplate)) faults.Invalid("spec.template.spec", spec.Object("template").Object("spec"), "field is immutable");
    }

    public static void CronJob(JsonObject cron, JsonObject? old, FaultList faults)
    {
        var spec = cron.Object("spec") ?? [];
        // Eleven characters are left for the end of the names of its jobs.
        if (old is null && cron.Name().Length > 52) faults.Invalid("metadata.name", cron.Name(), "must be no more than 52 characters");
        var schedule = spec.Text("schedule") ?? "";
        if (schedule.Length == 0)
        {
            faults.Required("spec.schedule");
        }
        else if (schedule.Contains("TZ", StringComparison.Ordinal))
        {
            faults.Invalid("spec.schedule", schedule, "cannot use TZ or CRON_TZ in schedule, use timeZone field instead");
        }
        else
        {
            try
            {
                CronSchedule.Parse(schedule);
            }
            catch (FormatException error)
            {
                faults.Invalid("spec.schedule", schedule, error.Message);
            }
        }

        if (spec.Text("timeZone") is { } zone && (old is null || zone != old.Object("spec").Text("timeZone")))
        {
            if (zone.Length == 0) faults.Invalid("spec.timeZone", zone, "timeZone must be nil or non-empty string");
            else if (!TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _)) faults.Invalid("spec.timeZone", zone, $"unknown time zone {zone}");
        }

        foreach (var field in (ReadOnlySpan<string>)["startingDeadlineSeconds", "successfulJobsHistoryLimit", "failedJobsHistoryLimit"])
            WorkloadValidation.NotNegative(spec, field, "spec." + field, faults);
        if (spec.Text("concurrencyPolicy") is not ("Allow" or "Forbid" or "Replace")) faults.NotSupported("spec.concurrencyPolicy", spec.Text("concurrencyPolicy") ?? "", "Allow", "Forbid", "Replace");
        var template = spec.Object("jobTemplate").Object("spec") ?? [];
        WorkloadValidation.PodTemplate(template.Object("template"), "spec.jobTemplate.spec.template", faults);
        RestartPolicy(template, "spec.jobTemplate.spec", faults);
    }

    private static void Spec(JsonObject job, JsonObject spec, bool isNew, FaultList faults)
    {
        var selector = spec.Object("selector");
        var labels = spec.Object("template").Object("metadata").Object("labels");
        if (selector is null) faults.Required("spec.selector");
        else SelectorValidation.Validate(selector, "spec.selector", faults);
        if (isNew && spec.Flag("manualSelector") != true && selector is not null)
        {
            var generated = new JsonObject { ["matchLabels"] = new JsonObject { ["batch.kubernetes.io/controller-uid"] = job.Uid() } };
            if (!JsonNode.DeepEquals(selector, generated)) faults.Invalid("spec.selector", selector, "`selector` not auto-generated");
        }

        if (!LabelMatch.Matches(selector, labels)) faults.Invalid("spec.template.metadata.labels", labels, "`selector` does not match template `labels`");
        foreach (var field in (ReadOnlySpan<string>)["parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished"])
            WorkloadValidation.NotNegative(spec, field, "spec." + field, faults);
        WorkloadValidation.PodTemplate(spec.Object("template"), "spec.template", faults);
        if (isNew) NameValidation.Labels(Own(labels), "spec.template.labels", faults);
        RestartPolicy(spec, "spec", faults);
    }

    /// <summary>Labels without those the server has generated.</summary>
    private static JsonObject? Own(JsonObject? labels)
    {
        if (labels is null) return null;
        var own = labels.CopyObject();
        foreach (var key in (ReadOnlySpan<string>)["batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-name", "controller-uid", "job-name"]) own.Remove(key);
        return own;
    }

    private static void RestartPolicy(JsonObject spec, string path, FaultList faults)
    {
        var policy = spec.Object("template").Object("spec").Text("restartPolicy");
        if (policy == "Always") faults.Required(path + ".template.spec.restartPolicy", "valid values: \"OnFailure\", \"Never\"");
    }

    private static void KeepResources(JsonArray? containers, JsonArray? olds)
    {
        for (var i = 0; i < Math.Min(containers?.Count ?? 0, olds?.Count ?? 0); i++)
            if (containers![i] is JsonObject container && olds![i] is JsonObject old) container.Put("resources", old["resources"]?.DeepClone());
    }
}
