namespace Zalando.Postgres.Sdk.Sandbox.Progress;

/// <summary>One step of the sandbox, for people who watch it. What concerns a pod is an Event of that pod too.</summary>
/// <param name="Time">When.</param>
/// <param name="Severity">How important.</param>
/// <param name="Subject">What it is about, as <c>namespace/name</c>; empty for the sandbox itself.</param>
/// <param name="Reason">Why, in one CamelCase word, for programs.</param>
/// <param name="Message">The sentence for people. Never holds a secret.</param>
public sealed record SandboxNotice(DateTimeOffset Time, NoticeSeverity Severity, string Subject, string Reason, string Message);
