namespace Zalando.Postgres.Sdk.Planning.Services;

/// <summary>Values of the role label of pods and services. Patroni and running fleets call the primary <c>master</c>.</summary>
internal static class ClusterRoles
{
    public const string Primary = "master";
    public const string Replica = "replica";
}
