namespace Zalando.Postgres.Sdk.Sandbox.Progress;

/// <summary>How important a notice is.</summary>
public enum NoticeSeverity
{
    /// <summary>Something went as it should.</summary>
    Normal,

    /// <summary>Something needs attention.</summary>
    Warning,
}
