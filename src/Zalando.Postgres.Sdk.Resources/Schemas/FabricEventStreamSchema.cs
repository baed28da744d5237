using System.Text.Json.Nodes;
using static Zalando.Postgres.Sdk.Resources.Schemas.SchemaBuilder;

namespace Zalando.Postgres.Sdk.Resources.Schemas;

/// <summary>Schema of <see cref="FabricEventStream"/>. Tests hold it to the record types: same fields, same kinds of value, same words.</summary>
internal static class FabricEventStreamSchema
{
    internal static JsonObject Root() => RootOf("Change data capture for one application.", ("spec", FabricEventStreamSpec("What is captured.")));

    private static JsonObject FabricEventStreamSpec(string? description) => ObjectOf(
        description,
        ("applicationId", Text("Application that owns the events. Required.")),
        ("eventStreams", ListOf("One entry per source table. Required.", FabricEventStreamEntry(null))))
        .Requiring("applicationId", "eventStreams");

    private static JsonObject FabricEventStreamEntry(string? description) => ObjectOf(
        description,
        ("flow", EventStreamFlow("How rows become events.")),
        ("sink", EventStreamSink("Where events go.")),
        ("source", EventStreamSource("Where rows come from.")),
        ("recovery", EventStreamRecovery("What happens to events that cannot be delivered.")));

    private static JsonObject EventStreamFlow(string? description) => ObjectOf(
        description,
        ("type", Text("Kind of the flow, `PostgresWalToGenericNakadiEvent`.")),
        ("payloadColumn", Text("Column that holds the payload. Default: the consumer's.")));

    private static JsonObject EventStreamSink(string? description) => ObjectOf(
        description,
        ("type", Text("Kind of the sink, `Nakadi`.")),
        ("eventType", Text("Type of the events.")),
        ("maxBatchSize", Integer("Largest number of events per batch. Default: the consumer's.")));

    private static JsonObject EventStreamSource(string? description) => ObjectOf(
        description,
        ("type", Text("Kind of the source, `PostgresLogicalReplication`.")),
        ("schema", Text("Schema of the table. Default: `public`.")),
        ("table", EventStreamSourceTable("The table.")),
        ("filter", Text("Filter expression. Default: all rows.")),
        ("jdbcConnection", EventStreamConnection("How to connect.")));

    private static JsonObject EventStreamSourceTable(string? description) => ObjectOf(
        description,
        ("name", Text("Table name without schema.")),
        ("idColumn", Text("Column that orders the events. Default: the consumer's.")));

    private static JsonObject EventStreamConnection(string? description) => ObjectOf(
        description,
        ("jdbcUrl", Text("JDBC URL of the database, without password.")),
        ("slotName", Text("Replication slot.")),
        ("pluginType", Text("Output plugin, `pgoutput`.")),
        ("publicationName", Text("Publication. Default: the slot's name.")),
        ("databaseAuthentication", EventStreamAuthentication("Where the password is.")));

    private static JsonObject EventStreamAuthentication(string? description) => ObjectOf(
        description,
        ("type", Text("Kind of the authentication, `DatabaseAuthenticationSecret`.")),
        ("name", Text("Name of the Secret.")),
        ("userKey", Text("Key of the user name, `username`.")),
        ("passwordKey", Text("Key of the password, `password`.")));

    private static JsonObject EventStreamRecovery(string? description) => ObjectOf(
        description,
        ("type", Text("`None`, `Ignore` or `DeadLetter`.")),
        ("sink", EventStreamSink("The dead letter queue; only with `DeadLetter`.").AllowNull()));
}
