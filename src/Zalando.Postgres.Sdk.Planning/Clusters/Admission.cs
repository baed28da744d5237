using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Planning.Clusters;

/// <summary>Manifests that cannot be followed, found before anything is made, so that nothing half-made stays behind. The rules are those of <see cref="PostgresqlValidator"/>, the same as everywhere.</summary>
internal static class Admission
{
    public static void Check(ClusterContext context)
    {
        var findings = context.Input.ManifestFindings.Concat(PostgresqlValidator.Validate(context.Manifest, context.Settings));
        // A cluster that exists runs with whatever the reference lets pass, and is taken over as it is.
        var exists = context.Observed.Find(KubernetesKinds.StatefulSet, context.Namespace, context.Name) is not null;
        context.AddRange(exists ? findings.Select(static f => f.ForExistingCluster()) : findings);
    }
}
