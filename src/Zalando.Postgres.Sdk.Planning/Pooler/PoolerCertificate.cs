using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning.Clusters;
using Zalando.Postgres.Sdk.Planning.Json;
using Zalando.Postgres.Sdk.Planning.StatefulSets;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Planning.Pooler;

/// <summary>Brings a renewed certificate to the poolers. PgBouncer reads it when it starts, so a hash of the Secret is an annotation of its pods, and a change rolls
/// out new ones. Database pods need nothing: Spilo looks at the files every few minutes and reloads PostgreSQL.</summary>
/// <remarks>
/// A Deployment that the reference made has no hash, and getting one must not restart its pods: it is noted on the Deployment itself, as what they were started
/// with. Only a Secret that differs from the note, or that was made after one of the pods, gives the pods an annotation.
/// </remarks>
internal static class PoolerCertificate
{
    /// <summary>Annotation of the pods, and of a Deployment that was taken over, with the hash.</summary>
    public const string Annotation = "acid.zalan.do/pooler-certificate";

    /// <summary>The hash for the Deployment's own annotation and for that of its pods; null for none.</summary>
    public static (string? OfDeployment, string? OfPods) Of(ClusterContext context, string role)
    {
        if (context.Spec.Tls is not { } tls || !TlsFiles.IsUsed(tls) || !PoolerNames.IsNeeded(context)) return (null, null);
        var name = PoolerNames.Name(context, role);
        var deployment = context.Observed.Find(KubernetesKinds.Deployment, context.Namespace, name);
        var ofPods = deployment.Text("spec", "template", "metadata", "annotations", Annotation);
        var noted = deployment.Text("metadata", "annotations", Annotation);
        var secrets = SecretsOf(tls).Select(s => context.Observed.Find(KubernetesKinds.Secret, context.Namespace, s)).ToArray();
        // Not there, or not readable: the pods cannot start with another one, so they stay.
        if (secrets.Any(s => s is null)) return (noted, ofPods);
        var hash = HashOf(secrets);
        // The conditions show that the cluster has been looked after before: a new one, or one of another operator, is as the reference has it, and gets its note in a later pass.
        var isOurs = context.Manifest.Status?.Conditions is { Count: > 0 };
        if (deployment is null) return (null, isOurs ? hash : null);
        if (ofPods is not null) return (null, hash);
        if (noted is null ? IsYounger(context, name, secrets) : noted != hash) return (null, hash);
        return (noted is null && !isOurs ? null : hash, null);
    }

    /// <summary>Names of the Secrets with the files.</summary>
    public static IEnumerable<string> SecretsOf(TlsSection tls)
    {
        yield return tls.SecretName!;
        if (tls.CaFile is { Length: > 0 } && tls.CaSecretName is { Length: > 0 } authority && authority != tls.SecretName) yield return authority;
    }

    /// <summary>Says what a changed hash means; other reasons come back as they are.</summary>
    public static ChangeReason Explained(ChangeReason reason) => reason.FieldPath == $"spec.template.metadata.annotations[{Annotation}]" && reason.New is not null
        ? reason with { RequestedBy = Requester.ClusterState, Explanation = "the Secret of spec.tls has another certificate; PgBouncer reads it when it starts, database pods read it by themselves within minutes" }
        : reason;

    private static bool IsYounger(ClusterContext context, string pooler, IEnumerable<JsonObject?> secrets)
    {
        var made = secrets.Select(s => s.Text("metadata", "creationTimestamp")).Max(StringComparer.Ordinal);
        return made is not null && context.Observed.List(KubernetesKinds.Pod, context.Namespace).Any(p =>
            p.Text("metadata", "labels", PoolerNames.PoolerLabel) == pooler && p.Text("metadata", "labels", context.Settings.Kubernetes.ClusterNameLabel) == context.Name
            && string.CompareOrdinal(p.Text("metadata", "creationTimestamp"), made) < 0);
    }

    private static string HashOf(IEnumerable<JsonObject?> secrets)
    {
        var text = new StringBuilder();
        foreach (var secret in secrets)
            foreach (var (key, value) in (secret.Object("data") ?? []).OrderBy(d => d.Key, StringComparer.Ordinal)) text.Append(key).Append('\0').Append(value?.ToString()).Append('\0');
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())).AsSpan(0, 16));
    }
}
