using System.Text.Json.Nodes;

namespace Zalando.Postgres.Sdk.Testing.Patroni;

/// <summary>A request that a fake Patroni got.</summary>
/// <param name="Member">Name of the member that was asked.</param>
/// <param name="Method">Method.</param>
/// <param name="Path">Path with its query.</param>
/// <param name="Body">Body as read by <c>Content-Length</c>; null without one.</param>
/// <param name="Authorization">Value of the header; null without one.</param>
public sealed record FakePatroniRequest(string Member, string Method, string Path, JsonObject? Body, string? Authorization);
