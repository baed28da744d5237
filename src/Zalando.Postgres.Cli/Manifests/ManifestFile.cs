using Zalando.Postgres.Sdk.Kubernetes.Yaml;

namespace Zalando.Postgres.Cli.Manifests;

/// <summary>A file with objects.</summary>
/// <param name="Name">Path as given, or <c>-</c> for standard input.</param>
/// <param name="Text">Its text.</param>
/// <param name="Documents">The documents in it, with the places of their fields.</param>
public sealed record ManifestFile(string Name, string Text, IReadOnlyList<KubernetesYamlDocument> Documents);
