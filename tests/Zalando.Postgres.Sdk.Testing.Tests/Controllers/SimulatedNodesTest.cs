using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Testing.ApiServer;
using Zalando.Postgres.Sdk.Testing.Controllers;
using Zalando.Postgres.Sdk.Testing.Time;

namespace Zalando.Postgres.Sdk.Testing.Tests.Controllers;

/// <summary>A server with controllers and simulated nodes on virtual time, one for each test.</summary>
/// <param name="nodes">The nodes.</param>
public abstract class SimulatedNodesTest(SimulatedNodeOptions nodes) : IAsyncLifetime
{
    private InMemoryApiServer? _server;

    protected ManualTimeProvider Time { get; } = new();

    protected InMemoryApiServer Server => _server!;

    protected IApiAccess Api => Server.Access;

    protected ControllerHost Host => Server.Controllers!;

    public async ValueTask InitializeAsync()
    {
        _server = await InMemoryApiServer.StartAsync(new ApiServerOptions { TimeProvider = Time, SimulatedNode = nodes }, TestContext.Current.CancellationToken);
        Furnish();
        await SettleAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Makes what every test starts with.</summary>
    protected virtual void Furnish()
    {
    }

    /// <summary>Lets the controllers work until nothing is left to do now.</summary>
    protected Task SettleAsync() => Host.SettleAsync(TestContext.Current.CancellationToken);

    protected static string Name(JsonObject value) => (string)value["metadata"]!["name"]!;

    protected static string Uid(JsonObject value) => (string)value["metadata"]!["uid"]!;

    protected static JsonObject Parse(string json) => (JsonObject)JsonNode.Parse(json)!;
}
