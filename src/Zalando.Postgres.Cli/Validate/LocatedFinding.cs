using Zalando.Postgres.Sdk.Kubernetes.Yaml;
using Zalando.Postgres.Sdk.Resources.Validation;

namespace Zalando.Postgres.Cli.Validate;

/// <summary>A finding and where it stands.</summary>
/// <param name="File">File as given.</param>
/// <param name="Position">Line and column.</param>
/// <param name="Finding">The finding.</param>
public sealed record LocatedFinding(string File, YamlPosition Position, Finding Finding);
