using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Testing.ApiServer.Kinds;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Admission;

/// <summary>One webhook that is to be asked.</summary>
/// <param name="Webhook">The webhook in its configuration.</param>
/// <param name="Requested">The kind that the client wrote.</param>
/// <param name="Matched">The kind (of the same collection, perhaps in another version) that the webhook's rules name.</param>
internal sealed record WebhookCall(JsonObject Webhook, ServedKind Requested, ServedKind Matched);
