using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Kubernetes.Yaml;
using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Planning.Roles;
using Zalando.Postgres.Sdk.Reconciliation.Observation;
using Zalando.Postgres.Sdk.Reconciliation.Teams;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Reconciliation.Databases;

/// <summary>Reads what besides the manifest decides about roles from what was observed of a cluster.</summary>
public static class RoleSources
{
    /// <summary>The infrastructure roles of the observed Secrets and ConfigMaps, and the teams.</summary>
    /// <param name="settings">The operator's settings.</param>
    /// <param name="observed">What was observed.</param>
    /// <param name="operatorNamespace">Namespace of the operator: Secrets that the configuration names without a namespace are there. One of the same name elsewhere
    /// is somebody's who must not make roles.</param>
    /// <param name="answers">What a team directory said; one without members when none was asked.</param>
    /// <param name="findings">What is incomplete or missing, without passwords; what the directory had to say among it.</param>
    public static RoleInputs Read(OperatorSettings settings, ObservedCluster observed, string operatorNamespace, TeamAnswers answers, out IReadOnlyList<Finding> findings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(observed);
        ArgumentNullException.ThrowIfNull(operatorNamespace);
        ArgumentNullException.ThrowIfNull(answers);
        var infrastructure = InfrastructureRoleReader.Read(InfrastructureRoleReader.Definitions(settings), d => SourceOf(observed, operatorNamespace, d), out var found);
        findings = [.. found, .. answers.Findings];
        return new()
        {
            InfrastructureRoles = infrastructure,
            PostgresTeams = TeamGraph.From(observed.PostgresTeams ?? []),
            PostgresTeamsObserved = observed.PostgresTeams is not null,
            TeamMembers = answers.Members,
            UnansweredTeams = answers.Unanswered,
        };
    }

    private static InfrastructureRoleSource? SourceOf(ObservedCluster observed, string operatorNamespace, InfrastructureRoleSecret definition)
    {
        if (!NamespacedName.TryParse(definition.SecretName, out var name)) return null;
        var space = name.Namespace ?? operatorNamespace;
        if (observed.Find(KubernetesKinds.Secret, space, name.Name) is not { } found || SecretValues.Of(found) is not { } secret) return null;
        var map = observed.Find(KubernetesKinds.ConfigMap, space, name.Name).Child("data");
        return new InfrastructureRoleSource
        {
            Secret = secret,
            ConfigMap = map?.Where(e => e.Value is JsonValue).ToDictionary(e => e.Key, e => Mapping(e.Value!.ToString()), StringComparer.Ordinal),
        };
    }

    private static JsonObject? Mapping(string yaml)
    {
        try
        {
            return KubernetesYaml.Parse(yaml).FirstOrDefault();
        }
        catch (KubernetesYamlException)
        {
            return null;
        }
    }
}
