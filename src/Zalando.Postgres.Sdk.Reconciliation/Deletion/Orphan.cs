using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning;

namespace Zalando.Postgres.Sdk.Reconciliation.Deletion;

/// <summary>Objects of a cluster that has no manifest.</summary>
/// <param name="Cluster">The cluster.</param>
/// <param name="Anchor">The object that is reported: its StatefulSet, if there is one.</param>
/// <param name="Objects">What is there, beside claims and secrets.</param>
/// <param name="Secrets">The secrets, which name its users.</param>
internal sealed record Orphan(ClusterKey Cluster, JsonObject Anchor, IReadOnlyList<JsonObject> Objects, IReadOnlyList<JsonObject> Secrets);
