using Zalando.Postgres.Sdk.Database;
using Zalando.Postgres.Sdk.Reconciliation.Execution;

namespace Zalando.Postgres.Sdk.Reconciliation.Databases;

/// <summary>Reaches the PostgreSQL server of a cluster's primary.</summary>
public interface IPostgresConnector
{
    /// <summary>The server of the primary; null when there is none to reach now. Nothing is connected yet.</summary>
    /// <param name="context">The cluster and what was observed of it.</param>
    /// <param name="userName">The super user.</param>
    /// <param name="password">Gives its password.</param>
    IPostgresServer? Connect(PassContext context, string userName, Func<CancellationToken, ValueTask<string>> password);
}
