using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Kubernetes.Yaml;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Reconciliation.Configuration;

/// <summary>Makes a usable operator configuration of what is stored in the cluster, or names every reason why it cannot be used.</summary>
public static class StoredConfiguration
{
    /// <summary>Reads a ConfigMap.</summary>
    /// <param name="map">The ConfigMap.</param>
    /// <param name="environment">Variables of the process that override parameters.</param>
    /// <param name="findings">Everything that is wrong or doubtful.</param>
    /// <returns>The configuration, or null when a finding is an error.</returns>
    public static OperatorConfiguration? Read(ConfigMap map, OperatorEnvironment environment, out IReadOnlyList<Finding> findings)
    {
        ArgumentNullException.ThrowIfNull(map);
        var configuration = ConfigMapConfiguration.Read(map.Data, out var texts);
        return Check(configuration, environment, [.. texts], out findings);
    }

    /// <summary>Reads an <c>OperatorConfiguration</c> object.</summary>
    /// <param name="configuration">The object.</param>
    /// <param name="environment">Variables of the process that override parameters.</param>
    /// <param name="findings">Everything that is wrong or doubtful.</param>
    /// <returns>The configuration, or null when a finding is an error.</returns>
    public static OperatorConfiguration? Read(OperatorConfiguration configuration, OperatorEnvironment environment, out IReadOnlyList<Finding> findings) =>
        Check(configuration, environment, [], out findings);

    private static OperatorConfiguration? Check(OperatorConfiguration configuration, OperatorEnvironment environment, List<Finding> found, out IReadOnlyList<Finding> findings)
    {
        ArgumentNullException.ThrowIfNull(environment);
        configuration = WithDefinitionsAsJson(environment.Apply(configuration), found);
        OperatorSettings.TryFrom(configuration, out var rules);
        found.AddRange(rules);
        findings = found;
        return found.Exists(static f => f.Severity == FindingSeverity.Error) ? null : configuration;
    }

    // The reference takes YAML or JSON; planning takes JSON.
    private static OperatorConfiguration WithDefinitionsAsJson(OperatorConfiguration configuration, List<Finding> findings)
    {
        if (configuration.Configuration.Kubernetes is not { } kubernetes) return configuration;
        return configuration with
        {
            Configuration = configuration.Configuration with
            {
                Kubernetes = kubernetes with
                {
                    PodServiceAccountDefinition = AsJson(kubernetes.PodServiceAccountDefinition, "pod_service_account_definition", "ServiceAccount"),
                    PodServiceAccountRoleBindingDefinition = AsJson(kubernetes.PodServiceAccountRoleBindingDefinition, "pod_service_account_role_binding_definition", "RoleBinding"),
                },
            },
        };

        string? AsJson(string? text, string parameter, string kind)
        {
            if (string.IsNullOrWhiteSpace(text)) return text;
            try
            {
                var documents = KubernetesYaml.Parse(text);
                if (documents.Count == 1 && documents[0]["kind"] is JsonValue value && value.TryGetValue(out string? found) && found == kind) return documents[0].ToJsonString();
            }
            catch (KubernetesYamlException)
            {
                // Reported below with the other ways of being wrong.
            }

            findings.Add(new Finding
            {
                Severity = FindingSeverity.Error, FieldPath = configuration.Form == ConfigurationForm.ConfigMap ? $"data.{parameter}" : $"configuration.kubernetes.{parameter}",
                Code = "PodDefinition", Rule = $"must be one object of kind {kind}, as YAML or JSON", Advice = "Correct it, or leave the parameter out",
            });
            return null;
        }
    }
}
