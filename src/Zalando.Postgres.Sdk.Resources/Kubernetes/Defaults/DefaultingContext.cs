using System.Text.Json.Nodes;

namespace Zalando.Postgres.Sdk.Resources.Kubernetes.Defaults;

/// <summary>What rules may ask beyond the part they look at.</summary>
/// <param name="Kind">Kind of the whole object.</param>
/// <param name="Root">The whole object.</param>
internal sealed record DefaultingContext(KubernetesKind Kind, JsonObject Root)
{
    /// <summary>Some defaults are for pods only, not for the templates of pods.</summary>
    public bool InPod => Kind.Kind == "Pod";
}
