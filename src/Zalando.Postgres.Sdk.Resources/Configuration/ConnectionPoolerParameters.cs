using System.Text.Json;
using System.Text.Json.Serialization;

namespace Zalando.Postgres.Sdk.Resources.Configuration;

/// <summary>Defaults of the PgBouncer poolers, as written; null means not written.</summary>
public sealed record ConnectionPoolerParameters
{
    /// <summary>Pooler Deployment replicas unless the manifest decides.</summary>
    /// <value><c>2</c>.</value>
    [JsonPropertyName("connection_pooler_number_of_instances")]
    public int? NumberOfInstances { get; init; }

    /// <summary>Schema holding the lookup function, env <c>PGSCHEMA</c>.</summary>
    /// <value><c>pooler</c>.</value>
    [JsonPropertyName("connection_pooler_schema")]
    public string? Schema { get; init; }

    /// <summary>Pooler DB role and Secret.</summary>
    /// <value><c>pooler</c>.</value>
    [JsonPropertyName("connection_pooler_user")]
    public string? User { get; init; }

    /// <summary>Pooler image.</summary>
    /// <value><c>ghcr.io/zalando/postgres-operator/pgbouncer:v2.0.1</c>.</value>
    [JsonPropertyName("connection_pooler_image")]
    public string? Image { get; init; }

    /// <summary>Env <c>CONNECTION_POOLER_MODE</c>.</summary>
    /// <value><c>transaction</c>.</value>
    [JsonPropertyName("connection_pooler_mode")]
    public string? Mode { get; init; }

    /// <summary>Total connections shared by the pooler pods: per pod value = total / instances (integer), default pool size half of it, minimum and reserve a quarter.</summary>
    /// <value><c>60</c>.</value>
    [JsonPropertyName("connection_pooler_max_db_connections")]
    public int? MaxDbConnections { get; init; }

    /// <summary>Default resource of the pooler container.</summary>
    /// <value>None.</value>
    [JsonPropertyName("connection_pooler_default_cpu_request")]
    public string? DefaultCpuRequest { get; init; }

    /// <summary>Default resource of the pooler container.</summary>
    /// <value>None.</value>
    [JsonPropertyName("connection_pooler_default_memory_request")]
    public string? DefaultMemoryRequest { get; init; }

    /// <summary>Default resource of the pooler container.</summary>
    /// <value>None.</value>
    [JsonPropertyName("connection_pooler_default_cpu_limit")]
    public string? DefaultCpuLimit { get; init; }

    /// <summary>Default resource of the pooler container.</summary>
    /// <value>None.</value>
    [JsonPropertyName("connection_pooler_default_memory_limit")]
    public string? DefaultMemoryLimit { get; init; }

    /// <summary>Fields that this version of the type does not know; kept as they came.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? UnknownFields { get; set; }
}
