using System.Text.Json.Nodes;
using Zalando.Postgres.Cli.Tests.CommandLine;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Resources.Schemas;
using Zalando.Postgres.Sdk.Testing.ApiServer;
using Zalando.Postgres.Sdk.Testing.Controllers;

namespace Zalando.Postgres.Cli.Tests.Operations;

/// <summary>An API server with the operator's definitions and some clusters of two members, which no operator looks after.</summary>
internal sealed class ServerWithClusters : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly InMemoryApiServer _server;
    private readonly string _kubeconfig;

    private ServerWithClusters(InMemoryApiServer server)
    {
        _server = server;
        _kubeconfig = Path.Combine(_directory.Path, "config");
    }

    public IApiAccess Access => _server.Access;

    /// <summary>Starts it with clusters of the given names and versions.</summary>
    public static async Task<ServerWithClusters> StartAsync(params (string Name, string Version)[] clusters)
    {
        var result = new ServerWithClusters(await InMemoryApiServer.StartAsync(new ApiServerOptions(), TestContext.Current.CancellationToken));
        await result._server.Controllers!.SettleAsync(TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(result._kubeconfig, result._server.Kubeconfig, TestContext.Current.CancellationToken);
        foreach (var definition in CustomResourceDefinitions.All) result.Access.Create(KubernetesKinds.CustomResourceDefinition, CustomResourceDefinitions.ToJson(definition));
        foreach (var (name, version) in clusters)
        {
            result.Access.Create(Postgresql.Descriptor, new JsonObject
            {
                ["apiVersion"] = "acid.zalan.do/v1", ["kind"] = "postgresql", ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "default" },
                ["spec"] = new JsonObject
                {
                    ["teamId"] = "acid", ["numberOfInstances"] = 2, ["volume"] = new JsonObject { ["size"] = "1Gi" }, ["postgresql"] = new JsonObject { ["version"] = version },
                },
            });
        }

        return result;
    }

    /// <summary>Runs the command line against it.</summary>
    public Task<(int Code, string Output, string Error)> RunAsync(params string[] args) => CommandLineRun.RunAsync([.. args, "--kubeconfig", _kubeconfig, "-n", "default"]);

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _directory.Dispose();
    }
}
