using System.Text.Json;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Kubernetes.Yaml;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Resources.Schemas;
using Zalando.Postgres.Sdk.Testing.ApiServer.Faults;
using Zalando.Postgres.Sdk.Testing.Controllers;
using Zalando.Postgres.Sdk.Testing.Time;

namespace Zalando.Postgres.Sdk.Testing.ApiServer;

/// <summary>A server in virtual time for the tests of a controller: apply objects, let everything settle, look at the result.</summary>
public sealed class KubernetesTestEnvironment : IAsyncDisposable
{
    private const int MostRounds = 200;

    private KubernetesTestEnvironment(InMemoryApiServer server, ManualTimeProvider time)
    {
        Server = server;
        Time = time;
    }

    /// <summary>The server.</summary>
    public InMemoryApiServer Server { get; }

    /// <summary>The clock of the server and of its controllers.</summary>
    public ManualTimeProvider Time { get; }

    /// <summary>Makes the server misbehave.</summary>
    public FaultInjection Faults => Server.Faults;

    /// <summary>Objects without HTTP.</summary>
    public IApiAccess Objects => Server.Access;

    /// <summary>Work of your own to do while settling, for example one pass of the controller under test; answers whether it did anything.</summary>
    public Func<CancellationToken, Task<bool>>? Step { get; set; }

    /// <summary>Starts a server with all controllers and a node that runs pods at once.</summary>
    /// <param name="options">How to set the server up; its clock is replaced. Null for the defaults.</param>
    /// <param name="cancellationToken">Stops the start.</param>
    public static async Task<KubernetesTestEnvironment> StartAsync(ApiServerOptions? options = null, CancellationToken cancellationToken = default)
    {
        var time = options?.TimeProvider as ManualTimeProvider ?? new ManualTimeProvider();
        var server = await InMemoryApiServer.StartAsync((options ?? new ApiServerOptions { SimulatedNode = new SimulatedNodeOptions() }) with { TimeProvider = time }, cancellationToken).ConfigureAwait(false);
        return new KubernetesTestEnvironment(server, time);
    }

    /// <summary>Creates the objects of a YAML text, or replaces those that exist.</summary>
    /// <param name="yaml">One or more documents; objects without a namespace go to <c>default</c>.</param>
    /// <param name="cancellationToken">Stops between two objects.</param>
    /// <exception cref="ApiStatusException">The server refuses an object.</exception>
    public async Task ApplyAsync(string yaml, CancellationToken cancellationToken = default)
    {
        foreach (var value in KubernetesYaml.Parse(yaml))
        {
            cancellationToken.ThrowIfCancellationRequested();
            Apply(value);
        }

        await SettleControllersAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Creates an object, or replaces it.</summary>
    /// <param name="value">The object, with <c>apiVersion</c> and <c>kind</c>.</param>
    /// <exception cref="ApiStatusException">The server refuses the object.</exception>
    public JsonObject Apply(JsonObject value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var apiVersion = (string?)value["apiVersion"] ?? "";
        InstallDefinitions(apiVersion);
        var kind = Objects.Kinds.FirstOrDefault(k => k.ApiVersion == apiVersion && k.Kind == (string?)value["kind"])
            ?? throw new ApiStatusException(404, "NotFound", $"The server does not know the kind {apiVersion}/{(string?)value["kind"]}: apply its definition first.");
        var own = (JsonObject)value.DeepClone();
        var metadata = (JsonObject)own["metadata"]!;
        if (kind.Namespaced) metadata["namespace"] ??= "default";
        return Objects.Get(kind, (string?)metadata["namespace"], (string?)metadata["name"] ?? "") is null ? Objects.Create(kind, own) : Objects.Update(kind, own);
    }

    /// <summary>The definitions of PostgreSQL clusters are there when they are needed first, unless the test brings its own.</summary>
    private void InstallDefinitions(string apiVersion)
    {
        var group = apiVersion.Split('/')[0];
        if (Objects.Kinds.Any(k => k.Group == group)) return;
        foreach (var definition in CustomResourceDefinitions.All.Where(d => d.Spec?.Group == group))
            Objects.Create(KubernetesKinds.CustomResourceDefinition, (JsonObject)JsonSerializer.SerializeToNode(definition, CustomResourceDefinition.JsonTypeInfo)!);
    }

    /// <summary>Works until the controllers and <see cref="Step"/> have nothing left to do now. No time passes, real or virtual.</summary>
    /// <param name="cancellationToken">Stops between two rounds.</param>
    /// <exception cref="InvalidOperationException">It never comes to rest.</exception>
    public async Task SettleAsync(CancellationToken cancellationToken = default)
    {
        for (var round = 0; round < MostRounds; round++)
        {
            await SettleControllersAsync(cancellationToken).ConfigureAwait(false);
            if (Step is null || !await Step(cancellationToken).ConfigureAwait(false)) return;
        }

        throw new InvalidOperationException($"Nothing came to rest in {MostRounds} rounds: two controllers probably undo each other's work.");
    }

    /// <summary>Moves the clock, and settles.</summary>
    /// <param name="by">How far.</param>
    /// <param name="cancellationToken">Stops between two rounds.</param>
    public async Task AdvanceAsync(TimeSpan by, CancellationToken cancellationToken = default)
    {
        Time.Advance(by);
        await SettleAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => Server.DisposeAsync();

    private Task SettleControllersAsync(CancellationToken cancellationToken) => Server.Controllers?.SettleAsync(cancellationToken) ?? Task.CompletedTask;
}
