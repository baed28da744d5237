using System.Text.Json.Nodes;

namespace Zalando.Postgres.Sdk.Testing.Controllers.Jobs;

/// <summary>How controllers judge a job.</summary>
internal static class JobState
{
    public static bool IsFinished(JsonObject job) => job.IsConditionTrue("Complete") || job.IsConditionTrue("Failed");

    /// <summary>When it ended; null for a job that runs.</summary>
    public static DateTimeOffset? FinishedAt(JsonObject job) =>
        (job.IsConditionTrue("Complete") ? job.Condition("Complete") : job.IsConditionTrue("Failed") ? job.Condition("Failed") : null).FindTime("lastTransitionTime");
}
