using System.Text.Json;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning.Diff;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Resources.Kubernetes.Defaults;

namespace Zalando.Postgres.Sdk.Planning;

/// <summary>Compares a stored object with the desired one by meaning.</summary>
/// <remarks>
/// Both sides are first given the API server's own defaults. Quantities are compared by value, maps and sets without order, lists with a key
/// (containers, variables, ports, mounts) by key; of a variable that occurs twice the last one counts. Fields, labels, annotations, containers
/// and volumes that are not the operator's are no difference, and a patch keeps them.
/// </remarks>
public static class ObjectDiff
{
    /// <summary>Compares two objects.</summary>
    /// <param name="kind">Kind of both.</param>
    /// <param name="current">What the API server has; not changed.</param>
    /// <param name="desired">What it should have; not changed.</param>
    /// <param name="options">What the operator owns beside the fields of <paramref name="desired"/>; null for <see cref="ObjectDiffOptions.Default"/>.</param>
    public static ObjectComparison Compare(KubernetesKind kind, JsonObject current, JsonObject desired, ObjectDiffOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(kind);
        ArgumentNullException.ThrowIfNull(current);
        ArgumentNullException.ThrowIfNull(desired);
        return CompareWithNormalized(kind, current, KubernetesDefaults.Normalize(kind, desired), options ?? ObjectDiffOptions.Default);
    }

    /// <summary>Compares a stored object with a desired one that has its defaults already.</summary>
    /// <remarks>An object that comes from an API server has them, too; only when the two differ as they are, the stored one is normalised to be sure.</remarks>
    internal static ObjectComparison CompareWithNormalized(KubernetesKind kind, JsonObject current, JsonObject desired, ObjectDiffOptions options)
    {
        var asStored = CompareNormalized(kind, current, desired, options);
        return asStored.AreEqual ? asStored : CompareNormalized(kind, KubernetesDefaults.Normalize(kind, current), desired, options);
    }

    internal static ObjectComparison CompareNormalized(KubernetesKind kind, JsonObject current, JsonObject desired, ObjectDiffOptions options)
    {
        var walk = new ObjectDiffWalk(kind, options);
        var patch = walk.Root(current, desired);
        return walk.Reasons.Count == 0 ? ObjectComparison.Equal : new ObjectComparison { Reasons = walk.Reasons, Patch = patch };
    }
}
