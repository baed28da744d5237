using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Pipeline;

/// <summary>A page of a collection.</summary>
internal sealed record ListResult(IReadOnlyList<StoredObject> Items, long Version, string? Continue, long? Remaining);
