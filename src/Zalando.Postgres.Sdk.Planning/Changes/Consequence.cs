namespace Zalando.Postgres.Sdk.Planning;

/// <summary>What a difference takes to come into effect, from cheap to expensive.</summary>
public enum Consequence
{
    /// <summary>The object is changed where it is; nothing is restarted.</summary>
    InPlace,

    /// <summary>PostgreSQL reads its configuration again.</summary>
    Reload,

    /// <summary>The object is deleted and created again because the API server does not allow the change; pods stay.</summary>
    Replace,

    /// <summary>Pods of the connection pooler are exchanged.</summary>
    RestartPooler,

    /// <summary>PostgreSQL is restarted inside its pods.</summary>
    RestartPostgres,

    /// <summary>Pods of the database are deleted and made again, replicas first.</summary>
    RecreatePods,
}
