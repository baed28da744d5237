using System.Globalization;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning.Clusters;
using Zalando.Postgres.Sdk.Planning.Json;
using Zalando.Postgres.Sdk.Planning.Roles;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Planning.Pods;

/// <summary>Pods take some passwords along when they start; those from before a rotation are made again.</summary>
internal static class StartedPasswords
{
    /// <summary>Why a pod has to be made again; null when it has the present passwords.</summary>
    /// <param name="context">The cluster.</param>
    /// <param name="pod">The pod.</param>
    /// <param name="secrets">Names of the Secrets it starts with, in the cluster's namespace.</param>
    public static ChangeReason? WhyOutdated(ClusterContext context, JsonObject pod, IEnumerable<string> secrets)
    {
        if (!DateTimeOffset.TryParse(pod.Text("metadata", "creationTimestamp"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var created)) return null;
        foreach (var name in secrets)
        {
            if (RoleSecret.ChangedAt(context.Observed.Find(KubernetesKinds.Secret, context.Namespace, name)) is not { } changed || created >= changed) continue;
            return new()
            {
                FieldPath = $"secret {name}",
                Old = created.ToString("u", CultureInfo.InvariantCulture),
                New = changed.ToString("u", CultureInfo.InvariantCulture),
                Consequence = Consequence.RecreatePods,
                RequestedBy = Requester.Operator,
                Explanation = "the pod was started with the password from before the rotation",
            };
        }

        return null;
    }

    /// <summary>The Secrets that database pods start with.</summary>
    public static string[] OfDatabasePods(ClusterContext context) => [context.SecretName(context.Settings.Users.SuperUserName), context.SecretName(context.Settings.Users.ReplicationUserName)];
}
