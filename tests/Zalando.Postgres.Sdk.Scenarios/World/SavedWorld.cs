using Zalando.Postgres.Sdk.Testing.ApiServer;

namespace Zalando.Postgres.Sdk.Scenarios.World;

/// <summary>A world without an operator at one moment, from which any number of worlds go on.</summary>
internal sealed record SavedWorld(ServerSnapshot Server, DateTimeOffset Time, IReadOnlyDictionary<string, IReadOnlyList<string>> PodLives, IReadOnlyDictionary<string, IReadOnlySet<string>> Passwords);
