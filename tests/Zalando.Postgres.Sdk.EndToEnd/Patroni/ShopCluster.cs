using System.Diagnostics;
using System.Text.Json.Nodes;
using Npgsql;
using Zalando.Postgres.Sdk.EndToEnd.Manifests;
using Zalando.Postgres.Sdk.EndToEnd.Patroni;
using Zalando.Postgres.Sdk.EndToEnd.Sandboxes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

[assembly: AssemblyFixture(typeof(ShopCluster))]

namespace Zalando.Postgres.Sdk.EndToEnd.Patroni;

/// <summary>One sandbox with a running cluster of two members and no operator, shared by the tests of this program.</summary>
public sealed class ShopCluster : TestSandbox
{
    public const string SuperuserPassword = "Super 'secret' \"1\"";

    /// <summary>Waits until there is a primary behind its service, and a replica that confirms every commit behind the other.</summary>
    /// <returns>Names of the primary and the replica.</returns>
    public async Task<(string Primary, string Replica)> HealthyAsync(CancellationToken cancellationToken)
    {
        (string, string)? found = null;
        await UntilAsync("the cluster has a primary and a synchronous replica", () => (found = Members()) is not null, cancellationToken);
        return found!.Value;
    }

    public JsonObject Pod(string name) => Api.Get(KubernetesKinds.Pod, "default", name) ?? throw new InvalidOperationException($"There is no pod {name}.");

    /// <summary>Opens a connection to the primary through its service.</summary>
    public Task<NpgsqlConnection> ConnectAsync(CancellationToken cancellationToken) => Sql.ConnectAsync(Sandbox.Services.Find("default", "shop")!, "postgres", SuperuserPassword, "postgres", cancellationToken);

    protected override async Task StartAsync()
    {
        var clock = Stopwatch.StartNew();
        EmbeddedManifest.Create(Api, "two-members.yaml");
        await HealthyAsync(CancellationToken.None);
        Console.WriteLine($"measured: a cluster of two members is ready after {clock.Elapsed.TotalSeconds:0.0} s");
    }

    private (string, string)? Members()
    {
        var primary = Endpoint(Api, "shop");
        var replica = Endpoint(Api, "shop-repl");
        var sync = Api.Get(KubernetesKinds.ConfigMap, "default", "shop-sync")?["metadata"]?["annotations"];
        return primary is not null && replica is not null && primary != replica
            && (string?)sync?["leader"] == primary && (string?)sync?["sync_standby"] == replica ? (primary, replica) : null;
    }
}
