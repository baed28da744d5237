using System.CommandLine;
using System.Text.Json.Nodes;
using Zalando.Postgres.Cli.CommandLine;
using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Kubernetes.Configuration;
using Zalando.Postgres.Sdk.Resources;

namespace Zalando.Postgres.Cli.Operations;

/// <summary>Argument and options of commands about one cluster on an API server.</summary>
internal sealed class ClusterAccess
{
    private readonly Argument<string> _cluster = new("cluster") { Description = "Name of the cluster." };
    private readonly Option<string?> _namespace = CommonOptions.Namespace();
    private readonly Option<string?> _kubeconfig = CommonOptions.Kubeconfig();

    public void AddTo(Command command)
    {
        command.Arguments.Add(_cluster);
        command.Options.Add(_namespace);
        command.Options.Add(_kubeconfig);
    }

    /// <summary>Opens the API server and reads the cluster's object.</summary>
    public async Task<(KubernetesClient Client, string Namespace, string Name, JsonObject Manifest)> OpenAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var access = KubernetesClientConfiguration.FromKubeconfigFile(parsed.GetValue(_kubeconfig));
        var client = new KubernetesClient(access);
        var space = parsed.GetValue(_namespace) ?? access.Namespace ?? "default";
        var name = parsed.GetValue(_cluster)!;
        try
        {
            return (client, space, name, await client.GetAsync(Postgresql.Descriptor, space, name, cancellationToken).ConfigureAwait(false)
                ?? throw new CommandException($"There is no cluster {name} in namespace {space}."));
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }
}
