using Zalando.Postgres.Sdk.Reconciliation.Plugins;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Samples.Plugins;

/// <summary>Puts the team of a cluster on its Services, where the billing looks for it.</summary>
public sealed class CostCentreAnnotation : IManifestFilter<Service>
{
    /// <summary>The annotation.</summary>
    public const string Name = "example.org/cost-centre";

    /// <inheritdoc />
    public Service Apply(Service desired, Postgresql cluster)
    {
        var annotations = new Dictionary<string, string>(desired.Metadata.Annotations ?? new Dictionary<string, string>(), StringComparer.Ordinal) { [Name] = cluster.Spec.TeamId ?? "nobody" };
        return desired with { Metadata = desired.Metadata with { Annotations = annotations } };
    }
}
