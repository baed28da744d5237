using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Kubernetes.Configuration;
using Zalando.Postgres.Sdk.Reconciliation.Configuration;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Resources.Schemas;
using Zalando.Postgres.Sdk.Testing.ApiServer;

namespace Zalando.Postgres.Sdk.Reconciliation.Tests.Configuration;

/// <summary>Both forms of the configuration are followed while the operator runs.</summary>
public sealed class KubernetesConfigurationSourceTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_broken_reload_keeps_the_last_good_configuration_and_says_so_with_all_reasons(bool isObject)
    {
        await using var world = await World.StartAsync(isObject);
        world.Put(new() { ["workers"] = isObject ? 3 : "3" });
        await world.UntilAsync(s => s.Current?.Configuration.Workers == 3 && s.Refusal is null);

        world.Put(isObject
            ? new() { ["resync_period"] = "soon", ["connection_pooler"] = new JsonObject { ["connection_pooler_user"] = "postgres" } }
            : new() { ["enable_shm_volume"] = "perhaps", ["min_instances"] = "5", ["max_instances"] = "2" });
        await world.UntilAsync(s => s.Refusal is not null);
        Assert.Equal(3, world.Source.Current!.Configuration.Workers);
        foreach (var reason in isObject ? new[] { "configuration.resync_period", "connection_pooler_user" } : ["data.enable_shm_volume", "data.min_instances"])
            Assert.Contains(reason, world.Source.Refusal!, StringComparison.Ordinal);
        await world.UntilAsync(_ => world.Events().Count == 1);
        Assert.Contains("the former one stays in force", (string?)world.Events()[0]["message"], StringComparison.Ordinal);
        Assert.Equal(isObject ? "OperatorConfiguration" : "ConfigMap", (string?)world.Events()[0]["involvedObject"]!["kind"]);

        world.Put(new() { ["workers"] = isObject ? 5 : "5" });
        await world.UntilAsync(s => s.Current?.Configuration.Workers == 5 && s.Refusal is null);

        world.Delete();
        await world.UntilAsync(s => s.Refusal is not null);
        Assert.Equal(5, world.Source.Current!.Configuration.Workers);
    }

    [Fact]
    public async Task At_start_nothing_is_in_force_until_the_configuration_can_be_used()
    {
        await using var world = await World.StartAsync(isObject: false);
        await world.UntilAsync(s => s.Refusal == "it does not exist");
        world.Put(new() { ["workers"] = "0", ["pod_service_account_definition"] = "kind: Pod", ["connection_pooler_number_of_instances"] = "0" });
        await world.UntilAsync(s => s.Refusal?.Contains("workers", StringComparison.Ordinal) == true);

        Assert.Null(world.Source.Current);
        Assert.Contains("data.pod_service_account_definition: must be one object of kind ServiceAccount", world.Source.Refusal!, StringComparison.Ordinal);
        Assert.Contains("data.connection_pooler_number_of_instances", world.Source.Refusal!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Variables_of_the_process_override_and_definitions_in_YAML_become_JSON()
    {
        await using var world = await World.StartAsync(isObject: false, new OperatorEnvironment { ScalyrApiKey = new SensitiveText("from-environment"), WatchedNamespace = "*" });
        world.Put(new() { ["scalyr_api_key"] = "from-map", ["watched_namespace"] = "one", ["pod_service_account_definition"] = "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: pods\n" });
        await world.UntilAsync(s => s.Current is not null);

        var settings = OperatorSettings.From(world.Source.Current!);
        Assert.Equal("from-environment", settings.Scalyr.ApiKey.Reveal());
        Assert.Equal("*", settings.Kubernetes.WatchedNamespace);
        Assert.Equal("pods", (string?)JsonNode.Parse(settings.Kubernetes.PodServiceAccountDefinition)!["metadata"]!["name"]);
    }

    private sealed class World : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stopping = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        private readonly InMemoryApiServer _server;
        private readonly KubernetesClient _client;
        private readonly Task _running;
        private readonly bool _isObject;

        private World(InMemoryApiServer server, bool isObject, OperatorEnvironment? environment)
        {
            _server = server;
            _isObject = isObject;
            _client = new KubernetesClient(KubernetesClientConfiguration.FromHandler(server.Url, new SocketsHttpHandler()));
            Source = isObject
                ? KubernetesConfigurationSource.FromObject(_client, "default", "operator", TimeProvider.System, environment: environment)
                : KubernetesConfigurationSource.FromConfigMap(_client, "default", "operator", TimeProvider.System, environment: environment);
            _running = Source.RunAsync(_stopping.Token);
        }

        public KubernetesConfigurationSource Source { get; }

        private KubernetesKind Kind => _isObject ? OperatorConfiguration.Descriptor : KubernetesKinds.ConfigMap;

        public static async Task<World> StartAsync(bool isObject, OperatorEnvironment? environment = null)
        {
            var server = await InMemoryApiServer.StartAsync(new ApiServerOptions(), TestContext.Current.CancellationToken);
            foreach (var definition in CustomResourceDefinitions.All) server.Access.Create(KubernetesKinds.CustomResourceDefinition, CustomResourceDefinitions.ToJson(definition));
            return new World(server, isObject, environment);
        }

        public void Put(JsonObject values)
        {
            var body = new JsonObject
            {
                ["apiVersion"] = Kind.ApiVersion, ["kind"] = Kind.Kind, ["metadata"] = new JsonObject { ["name"] = "operator", ["namespace"] = "default" }, [_isObject ? "configuration" : "data"] = values,
            };
            if (_server.Access.Get(Kind, "default", "operator") is { } present)
            {
                present[_isObject ? "configuration" : "data"] = values.DeepClone();
                _server.Access.Update(Kind, present);
            }
            else
            {
                _server.Access.Create(Kind, body);
            }
        }

        public void Delete() => _server.Access.Delete(Kind, "default", "operator");

        public IReadOnlyList<JsonObject> Events() => [.. _server.Access.List(KubernetesKinds.Event, "default").Where(e => (string?)e["reason"] == "InvalidConfiguration")];

        public async Task UntilAsync(Func<KubernetesConfigurationSource, bool> holds)
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            while (!holds(Source))
            {
                if (_running.IsCompleted) await _running;
                if (patience.IsCancellationRequested) throw new TimeoutException($"Refusal: {Source.Refusal}");
                await Task.Yield();
            }
        }

        public async ValueTask DisposeAsync()
        {
            await _stopping.CancelAsync();
            await _running;
            _client.Dispose();
            await _server.DisposeAsync();
            _stopping.Dispose();
        }
    }
}
