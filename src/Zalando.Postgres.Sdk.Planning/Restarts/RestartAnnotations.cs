namespace Zalando.Postgres.Sdk.Planning;

/// <summary>Annotations of a <c>postgresql</c> object by which its owner holds restarts back or does without them.</summary>
public static class RestartAnnotations
{
    /// <summary>When restarts may happen: <c>immediately</c>, <c>window</c> or <c>approval</c>. Absent: what the operator says.</summary>
    public const string Policy = "acid.zalan.do/restarts";

    /// <summary>Which changes of cpu and memory reach running pods: <c>cpu</c>, <c>cpu-and-memory</c> or <c>never</c> (see <see cref="ResizePolicy"/>). Absent: what the operator says.</summary>
    public const string Resize = "acid.zalan.do/resize";

    /// <summary>Approves the restarts that are pending: the value is the <see cref="PendingChange.Approval"/> of the plan. It lapses by itself
    /// when something else would be restarted for, because the value is then another one.</summary>
    public const string Approval = "acid.zalan.do/approved-restart";
}
