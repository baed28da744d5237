namespace Zalando.Postgres.Sdk.Planning;

/// <summary>Names of objects that the operator keeps beside a cluster and that are no part of what the manifest describes.</summary>
public static class ClusterObjects
{
    /// <summary>What follows the cluster's name in the name of the ConfigMap with its history.</summary>
    public const string HistorySuffix = "-history";
}
