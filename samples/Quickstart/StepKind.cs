namespace Zalando.Postgres.Sdk.Samples.Quickstart;

/// <summary>How a step is meant.</summary>
internal enum StepKind
{
    Normal,
    Good,
    Warning,
    Bad,
}
