using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Testing.Controllers;

/// <summary>One stored change, as seen inside the server.</summary>
/// <param name="Type"><c>ADDED</c>, <c>MODIFIED</c> or <c>DELETED</c>.</param>
/// <param name="Kind">The kind of the object.</param>
/// <param name="Object">The new state, or the last one of a deleted object. Shared: never change it.</param>
/// <param name="Previous">The state before; null for an addition.</param>
public sealed record ApiChange(string Type, KubernetesKind Kind, JsonObject Object, JsonObject? Previous);
