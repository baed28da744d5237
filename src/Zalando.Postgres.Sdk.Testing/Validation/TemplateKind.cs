namespace Zalando.Postgres.Sdk.Testing.Validation;

/// <summary>Where the spec of a pod stands.</summary>
internal enum TemplateKind
{
    Pod,
    Template,
}
