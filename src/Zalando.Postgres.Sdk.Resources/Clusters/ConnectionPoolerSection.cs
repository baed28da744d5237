using System.Text.Json;
using System.Text.Json.Serialization;

namespace Zalando.Postgres.Sdk.Resources;

/// <summary>Settings of PgBouncer, for the pooler of the primary and that of the replicas.</summary>
public sealed record ConnectionPoolerSection
{
    /// <summary>Pods of each pooler, 1 or more. Default: operator parameter <c>connection_pooler_number_of_instances</c>.</summary>
    [JsonPropertyName("numberOfInstances")]
    public int? NumberOfInstances { get; init; }

    /// <summary>Schema of the function that looks passwords up, in every database. Default: operator parameter <c>connection_pooler_schema</c>.</summary>
    [JsonPropertyName("schema")]
    public string? Schema { get; init; }

    /// <summary>Role with which PgBouncer looks passwords up. Default: operator parameter <c>connection_pooler_user</c>.</summary>
    [JsonPropertyName("user")]
    public string? User { get; init; }

    /// <summary>When a server connection is given back: <c>session</c> or <c>transaction</c>. Default: operator parameter <c>connection_pooler_mode</c>.</summary>
    [JsonPropertyName("mode")]
    public string? Mode { get; init; }

    /// <summary>PgBouncer image. Default: operator parameter <c>connection_pooler_image</c>.</summary>
    [JsonPropertyName("dockerImage")]
    public string? DockerImage { get; init; }

    /// <summary>Connections to PostgreSQL, shared by all pods of a pooler. Default: operator parameter <c>connection_pooler_max_db_connections</c>.</summary>
    [JsonPropertyName("maxDBConnections")]
    public int? MaxDbConnections { get; init; }

    /// <summary>CPU and memory. Default: operator parameters <c>connection_pooler_default_*</c>.</summary>
    [JsonPropertyName("resources")]
    public ResourcesSection? Resources { get; init; }

    /// <summary>PgBouncer settings by name, over those of the image and the operator. The pods get a template of the configuration in place of the image's <c>/etc/pgbouncer/pgbouncer.ini.tmpl</c>; an image that does not fill that file ignores it. A change rolls out new pods. An addition of this operator; others ignore it. Default: none.</summary>
    [JsonPropertyName("parameters")]
    public IReadOnlyDictionary<string, string>? Parameters { get; init; }

    /// <summary>PgBouncer's limits per role, by role name; written to PgBouncer's configuration as <c>parameters</c> are. Older PgBouncers (1.18 among them) do not look up the password of a role named here, so passwords that the operator knows, those of <c>spec.users</c> and of prepared databases, are in the pooler's list of users. An addition of this operator; others ignore it. Default: none.</summary>
    [JsonPropertyName("users")]
    public IReadOnlyDictionary<string, PoolerUser?>? Users { get; init; }

    /// <summary>Who may connect to PgBouncer, as lines of <c>pg_hba.conf</c>, the first that fits decides; connections without TLS are refused before. Written to PgBouncer's configuration as <c>parameters</c> are. An addition of this operator; others ignore it. Default: everybody who has a password.</summary>
    [JsonPropertyName("accessList")]
    public IReadOnlyList<string>? AccessList { get; init; }

    /// <summary>Fields that this version of the type does not know; kept as they came.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? UnknownFields { get; set; }
}
