using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Reconciliation.Observation;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;

namespace Zalando.Postgres.Sdk.Reconciliation.Deletion;

/// <summary>Proof that the deletion of a cluster has begun, and the last manifest, which says what the cluster consists of. It is stored before the first
/// object goes and removed after the last one, so that a deletion goes on whatever happens to the operator.</summary>
/// <remarks>It is a Secret, because manifests may hold what others must not read, and because the pods of clusters may write ConfigMaps but no Secrets.</remarks>
/// <param name="Manifest">The last manifest, with the time of its deletion.</param>
/// <param name="ControllerId">Name of the operator that deletes the cluster.</param>
internal sealed record DeletionRecord(Postgresql Manifest, string ControllerId)
{
    private const string Suffix = ".deletion.acid.zalan.do";
    private const string SecretType = "acid.zalan.do/deletion";

    public static string NameOf(ClusterKey cluster) => cluster.Name + Suffix;

    public JsonObject ToSecret(ClusterKey cluster, OperatorSettings settings)
    {
        var labels = new JsonObject();
        foreach (var (key, value) in settings.Kubernetes.ClusterLabels) labels[key] = value;
        labels[settings.Kubernetes.ClusterNameLabel] = cluster.Name;
        // What the server keeps books of is of no use later.
        var manifest = Manifest with { Status = null, Metadata = Manifest.Metadata with { ManagedFields = null, Finalizers = null } };
        return new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Secret",
            ["metadata"] = new JsonObject { ["name"] = NameOf(cluster), ["namespace"] = cluster.Namespace, ["labels"] = labels },
            ["type"] = SecretType,
            ["data"] = new JsonObject
            {
                ["controller"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(ControllerId)),
                ["manifest"] = Convert.ToBase64String(JsonSerializer.SerializeToUtf8Bytes(manifest, PostgresJsonContext.Default.Postgresql)),
            },
        };
    }

    /// <summary>Whether a Secret claims to be a record.</summary>
    public static bool IsRecord(JsonObject secret) =>
        secret.Text("type") == SecretType && secret.Metadata("name") is { } name && name.Length > Suffix.Length && name.EndsWith(Suffix, StringComparison.Ordinal);

    /// <summary>Name of the cluster that a Secret that claims to be a record is about.</summary>
    public static ClusterKey ClusterOf(JsonObject secret) => new(secret.Metadata("namespace") ?? "", secret.Metadata("name")![..^Suffix.Length]);

    /// <summary>Reads a record; false, with the reason, when it cannot be trusted.</summary>
    public static bool TryRead(JsonObject secret, [NotNullWhen(true)] out DeletionRecord? record, out string reason)
    {
        record = null;
        reason = "";
        try
        {
            if (secret.Child("data").Text("manifest") is not { } text)
            {
                reason = "it holds no manifest";
                return false;
            }

            var manifest = JsonSerializer.Deserialize(Convert.FromBase64String(text), PostgresJsonContext.Default.Postgresql);
            var controller = Encoding.UTF8.GetString(Convert.FromBase64String(secret.Child("data").Text("controller") ?? ""));
            if (manifest?.Metadata.DeletionTimestamp is null) reason = "its manifest has no time of deletion";
            else if (new ClusterKey(manifest.Metadata.Namespace ?? "", manifest.Metadata.Name ?? "") != ClusterOf(secret)) reason = "its manifest is that of another cluster";
            else record = new DeletionRecord(manifest, controller);
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            reason = "its manifest cannot be read: " + e.Message;
        }

        return record is not null;
    }
}
