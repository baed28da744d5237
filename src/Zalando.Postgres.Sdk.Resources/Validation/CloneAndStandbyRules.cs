using System.Globalization;
using System.Text.RegularExpressions;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Resources.Schemas;

namespace Zalando.Postgres.Sdk.Resources.Validation;

/// <summary>Where the data comes from: a clone, a standby, or neither. Mistakes here end in an empty cluster without a word.</summary>
internal static partial class CloneAndStandbyRules
{
    internal static void Check(Postgresql manifest, OperatorSettings settings, FindingCollector findings)
    {
        var spec = manifest.Spec;
        if (spec.CloneFrom is { } clone) CheckClone(clone, manifest, settings, findings);
        if (spec.Standby is { } standby) CheckStandby(standby, spec, findings);
        if (spec.CloneFrom is { Cluster.Length: > 0 } && spec.Standby is not null)
            findings.ErrorIfNew("spec.clone", spec.CloneFrom.Cluster, "CloneAndStandby", "contradicts spec.standby: a cluster is either copied once or follows another", "Delete one of the two sections");
    }

    /// <summary>Whether a cluster follows another one, by its section or by a variable as the reference reads them.</summary>
    internal static bool IsStandby(PostgresqlSpec spec) => spec.Standby is not null || (spec.Env?.Any(static e =>
        e is { Name: "STANDBY_WALE_S3_PREFIX" or "STANDBY_WALE_GS_PREFIX" or "STANDBY_WALE_GSC_PREFIX" or "STANDBY_WALE_SWIFT_PREFIX", Value.Length: > 0 }) ?? false);

    private static void CheckClone(CloneSection clone, Postgresql manifest, OperatorSettings settings, FindingCollector findings)
    {
        const string path = "spec.clone";
        if (string.IsNullOrEmpty(clone.Cluster))
        {
            if (clone.Cluster is null) findings.Error($"{path}.cluster", null, "Required", "is required", "Write the name of the source cluster");
            else findings.ErrorIfNew($"{path}.cluster", "", "CloneSource", "is empty, so nothing is copied and the cluster starts empty", "Write the name of the source cluster, or delete the section");
            return;
        }
        // A running source is reached by its Service's name; of an archive the name is only part of a path.
        if (clone.Cluster.Length > 63 || !NamePatterns.ServiceName().IsMatch(clone.Cluster))
            (string.IsNullOrEmpty(clone.Timestamp) ? findings.Error : (Action<string, string?, string, string, string>)findings.ErrorIfNew)($"{path}.cluster", clone.Cluster, "CloneSource", "must be the name of a cluster: at most 63 lower-case letters, digits and '-', beginning with a letter", "Write the name without the namespace");
        if (clone.Uid is { Length: > 0 } uid && !Guid.TryParseExact(uid, "D", out _)) findings.ErrorIfNew($"{path}.uid", uid, "CloneUid", "must be a UID such as efd12e58-5786-11e8-b5a7-06148230260c", "kubectl get postgresql NAME -o jsonpath={.metadata.uid} prints it");
        if (clone.S3SecretAccessKey is { IsEmpty: false }) findings.Warn($"{path}.s3_secret_access_key", null, "CloneKey", "stands in clear text in the manifest and in the pods' specification", "Give the pods an identity of their own, or put the key into pod_environment_secret");
        if (string.IsNullOrEmpty(clone.Timestamp)) CheckRunningSource(clone, manifest, findings);
        else CheckPointInTime(clone, manifest.Spec, settings, findings);
    }

    private static void CheckRunningSource(CloneSection clone, Postgresql manifest, FindingCollector findings)
    {
        if (clone.Timestamp is not null) findings.Warn("spec.clone.timestamp", "", "CloneTimestamp", "is empty, so the copy is taken from the running source", "Delete the line, or write a point in time");
        if (clone.Cluster == manifest.Metadata.Name) findings.ErrorIfNew("spec.clone.cluster", clone.Cluster, "CloneItself", "is this cluster itself, which is not running yet", "Write a timestamp to restore from its backups, or name another cluster");
        foreach (var (name, value) in new[]
        {
            ("uid", clone.Uid), ("s3_wal_path", clone.S3WalPath), ("s3_endpoint", clone.S3Endpoint), ("s3_access_key_id", clone.S3AccessKeyId),
            ("s3_secret_access_key", clone.S3SecretAccessKey is null ? null : "***"), ("s3_force_path_style", clone.S3ForcePathStyle?.ToString()),
        })
        {
            if (value is not null) findings.Warn($"spec.clone.{name}", name == "s3_secret_access_key" ? null : value, "CloneIgnored", "has no effect without a timestamp: the copy is taken from the running source", "Write the timestamp to restore from backups");
        }
    }

    private static void CheckPointInTime(CloneSection clone, PostgresqlSpec spec, OperatorSettings settings, FindingCollector findings)
    {
        const string path = "spec.clone.timestamp";
        var text = clone.Timestamp!;
        if (!TimestampForm().IsMatch(text))
        {
            var advice = text.EndsWith('Z') || text.EndsWith('z') ? $"Write {text[..^1]}+00:00" : "For example 2026-01-31T12:40:33+01:00";
            findings.ErrorIfNew(path, text, "CloneTimestamp", "must be a point in time with a numeric offset", advice);
        }
        else if (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out _) && !text.Contains(":60", StringComparison.Ordinal))
        {
            findings.ErrorIfNew(path, text, "CloneTimestamp", "is no day of the calendar", "Check the date");
        }
        var bucket = settings.AwsOrGcp.WalS3Bucket.Length > 0 || settings.AwsOrGcp.WalGsBucket.Length > 0 || settings.AwsOrGcp.WalAzStorageAccount.Length > 0;
        if (!string.IsNullOrEmpty(clone.S3WalPath)) return;
        if (!bucket && spec.Env?.Any(static e => e?.Name?.StartsWith("CLONE_", StringComparison.OrdinalIgnoreCase) == true) == true) return;
        if (!bucket && (settings.Kubernetes.PodEnvironmentConfigMap is not null || settings.Kubernetes.PodEnvironmentSecret.Length > 0))
            findings.Warn("spec.clone.s3_wal_path", null, "CloneSource", "is not written and the operator has no WAL bucket; unless the pods' environment names the source, the cluster starts empty", "Write the path of the source's WAL");
        else if (!bucket)
            findings.ErrorIfNew("spec.clone.s3_wal_path", null, "CloneSource", "is required, because the operator has no WAL bucket: without a source the cluster starts empty", "Write the path of the source's WAL, or configure wal_s3_bucket, wal_gs_bucket or wal_az_storage_account");
        else if (string.IsNullOrEmpty(clone.Uid))
            findings.Warn("spec.clone.uid", null, "CloneUid", "is missing, so backups are looked for in a path that clusters of this operator do not use", "Write the UID of the source cluster");
    }

    private static void CheckStandby(StandbySection standby, PostgresqlSpec spec, FindingCollector findings)
    {
        const string path = "spec.standby";
        if (standby.S3WalPath is null && standby.GsWalPath is null && standby.StandbyHost is null)
            findings.ErrorIfNew(path, null, "StandbySource", "must name a source: s3_wal_path, gs_wal_path or standby_host", "Write one, or delete the section");
        else if (string.IsNullOrEmpty(standby.S3WalPath) && string.IsNullOrEmpty(standby.GsWalPath) && string.IsNullOrEmpty(standby.StandbyHost))
            findings.ErrorIfNew(path, null, "StandbySource", "has only empty sources, so the cluster would start empty", "Write a source, or delete the section");
        if (standby.S3WalPath is not null && standby.GsWalPath is not null) findings.ErrorIfNew($"{path}.gs_wal_path", standby.GsWalPath, "StandbySource", "must not stand beside s3_wal_path", "Delete one of the two");
        foreach (var (name, value) in new[] { ("standby_port", standby.StandbyPort), ("standby_primary_slot_name", standby.StandbyPrimarySlotName) })
        {
            if (!string.IsNullOrEmpty(value) && string.IsNullOrEmpty(standby.StandbyHost)) findings.Warn($"{path}.{name}", value, "StandbyHost", "has no effect without standby_host", "Write standby_host, or delete the line");
        }
        if (!string.IsNullOrEmpty(standby.StandbyPort) && (!int.TryParse(standby.StandbyPort, NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port is < 1 or > 65535))
            findings.ErrorIfNew($"{path}.standby_port", standby.StandbyPort, "StandbyPort", "must be a port, 1 to 65535", "5432 is usual");
        if (!string.IsNullOrEmpty(standby.StandbyPrimarySlotName) && !NamePatterns.SlotName().IsMatch(standby.StandbyPrimarySlotName))
            findings.ErrorIfNew($"{path}.standby_primary_slot_name", standby.StandbyPrimarySlotName, "SlotName", "must be a slot name: at most 63 lower-case letters, digits and '_'", "PostgreSQL refuses other names");
        if (spec.Streams is { Count: > 0 }) findings.Warn("spec.streams", null, "StandbyStreams", "cannot work while the cluster follows another one", "Delete the section until the standby is promoted");
        if (spec.Users is { Count: > 0 } || spec.Databases is { Count: > 0 } || spec.PreparedDatabases is not null)
            findings.Inform(path, null, "StandbySql", "makes the cluster read-only, so users and databases of the manifest are made only after its promotion", "Nothing to do");
    }

    [GeneratedRegex(SchemaPatterns.Timestamp, RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex TimestampForm();
}
