using System.Text.Json.Nodes;
using Zalando.Postgres.Cli.CommandLine;
using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Validation;

namespace Zalando.Postgres.Cli.Planning;

/// <summary>The operator configuration that a command plans with, and what the user should know about where it comes from.</summary>
/// <param name="Value">The configuration.</param>
/// <param name="Note">Where it was found when it was not given; null when it was.</param>
internal sealed record UsedConfiguration(OperatorConfiguration Value, Finding? Note)
{
    /// <summary>The file that was given; without one, the only OperatorConfiguration among the observed objects; without that, the built-in defaults.</summary>
    public static async Task<UsedConfiguration> FindAsync(string? file, IReadOnlyList<JsonObject> observed, CancellationToken cancellationToken)
    {
        if (file is not null) return new(ClusterInputs.Configuration(await ObjectFiles.ReadAsync([file], cancellationToken).ConfigureAwait(false)), null);
        return Among([.. observed.Where(o => ClusterInputs.Text(o, "kind") == OperatorConfiguration.Descriptor.Kind)]);
    }

    /// <summary>The file that was given; without one, the only OperatorConfiguration of the cluster; without that, the built-in defaults.</summary>
    public static async Task<UsedConfiguration> FindAsync(string? file, IKubernetesClient client, CancellationToken cancellationToken)
    {
        if (file is not null) return await FindAsync(file, [], cancellationToken).ConfigureAwait(false);
        try
        {
            var list = await client.ListAsync(OperatorConfiguration.Descriptor, null, null, cancellationToken).ConfigureAwait(false);
            foreach (var item in list.Items) item["kind"] = OperatorConfiguration.Descriptor.Kind;
            return Among(list.Items);
        }
        catch (KubernetesApiException e) when (e.StatusCode is 403 or 404)
        {
            return Among([]);
        }
    }

    /// <summary>The plan with the note among its findings.</summary>
    public Plan Annotate(Plan plan) => Note is null ? plan : plan with { Findings = [.. plan.Findings, Note] };

    private static UsedConfiguration Among(IReadOnlyList<JsonObject> found)
    {
        if (found.Count == 1)
        {
            var metadata = found[0]["metadata"] as JsonObject ?? [];
            return new(ClusterInputs.Configuration(found), new Finding
            {
                Severity = FindingSeverity.Information,
                Code = "ConfigurationFound",
                Rule = $"no operator configuration was given (--config); OperatorConfiguration {ClusterInputs.Text(metadata, "namespace")}/{ClusterInputs.Text(metadata, "name")} is used",
            });
        }

        return new(ClusterInputs.Configuration([]), new Finding
        {
            Severity = FindingSeverity.Warning,
            Code = "ConfigurationNotGiven",
            Rule = found.Count == 0 ? "no operator configuration was given, so the built-in defaults are planned with" : $"there are {found.Count} operator configurations, so the built-in defaults are planned with",
            Advice = "Name the file with the OperatorConfiguration or the ConfigMap of your operator by --config",
        });
    }
}
