namespace Zalando.Postgres.Sdk.Resources.Configuration;

/// <summary>Defaults of the PgBouncer poolers, with defaults filled in.</summary>
public sealed record ConnectionPoolerSettings
{
    /// <summary>Pooler Deployment replicas unless the manifest decides.</summary>
    /// <value><c>2</c>.</value>
    public required int NumberOfInstances { get; init; }

    /// <summary>Schema holding the lookup function, env <c>PGSCHEMA</c>.</summary>
    /// <value><c>pooler</c>.</value>
    public required string Schema { get; init; }

    /// <summary>Pooler DB role and Secret.</summary>
    /// <value><c>pooler</c>.</value>
    public required string User { get; init; }

    /// <summary>Pooler image.</summary>
    /// <value><c>ghcr.io/zalando/postgres-operator/pgbouncer:v2.0.1</c>.</value>
    public required string Image { get; init; }

    /// <summary>Env <c>CONNECTION_POOLER_MODE</c>.</summary>
    /// <value><c>transaction</c>.</value>
    public required string Mode { get; init; }

    /// <summary>Total connections shared by the pooler pods: per pod value = total / instances (integer), default pool size half of it, minimum and reserve a quarter.</summary>
    /// <value><c>60</c>.</value>
    public required int MaxDbConnections { get; init; }

    /// <summary>Default resource of the pooler container.</summary>
    /// <value>None.</value>
    public required string DefaultCpuRequest { get; init; }

    /// <summary>Default resource of the pooler container.</summary>
    /// <value>None.</value>
    public required string DefaultMemoryRequest { get; init; }

    /// <summary>Default resource of the pooler container.</summary>
    /// <value>None.</value>
    public required string DefaultCpuLimit { get; init; }

    /// <summary>Default resource of the pooler container.</summary>
    /// <value>None.</value>
    public required string DefaultMemoryLimit { get; init; }

    internal static ConnectionPoolerSettings Read(ConnectionPoolerParameters? parameters, SettingsReader reader)
    {
        reader = reader.Group(parameters is not null);
        return new()
        {
            NumberOfInstances = reader.Integer("connection_pooler_number_of_instances", parameters?.NumberOfInstances),
            Schema = reader.Text("connection_pooler_schema", parameters?.Schema),
            User = reader.Text("connection_pooler_user", parameters?.User),
            Image = reader.Text("connection_pooler_image", parameters?.Image),
            Mode = reader.Text("connection_pooler_mode", parameters?.Mode),
            MaxDbConnections = reader.Integer("connection_pooler_max_db_connections", parameters?.MaxDbConnections),
            DefaultCpuRequest = reader.Text("connection_pooler_default_cpu_request", parameters?.DefaultCpuRequest),
            DefaultMemoryRequest = reader.Text("connection_pooler_default_memory_request", parameters?.DefaultMemoryRequest),
            DefaultCpuLimit = reader.Text("connection_pooler_default_cpu_limit", parameters?.DefaultCpuLimit),
            DefaultMemoryLimit = reader.Text("connection_pooler_default_memory_limit", parameters?.DefaultMemoryLimit),
        };
    }
}
