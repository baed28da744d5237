using System.Text.Json;
using System.Text.Json.Nodes;
using Zalando.Postgres.Cli.CommandLine;
using Zalando.Postgres.Sdk.Database;
using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Planning.Databases;
using Zalando.Postgres.Sdk.Planning.Roles;
using Zalando.Postgres.Sdk.Reconciliation.Databases;
using Zalando.Postgres.Sdk.Reconciliation.Teams;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Cli.Planning;

/// <summary>Reads the catalogue of a cluster's primary as its super user, in sessions that the server lets change nothing.</summary>
/// <param name="client">The API server.</param>
/// <param name="address">Where the primary is reached directly; null for the way through the API server.</param>
internal sealed class LiveDatabases(IKubernetesClient client, DatabaseAddress? address)
{
    private const int PostgresPort = 5432;

    /// <summary>The input with roles, databases and what decides about them; and what could not be observed.</summary>
    /// <exception cref="CommandException">The databases of a running cluster cannot be read.</exception>
    public async Task<(PlanningInput Input, IReadOnlyList<Finding> Findings)> ObserveAsync(PlanningInput input, CancellationToken cancellationToken)
    {
        var settings = OperatorSettings.From(input.Configuration);
        var cluster = new ClusterKey(input.Manifest.Metadata.Namespace!, input.Manifest.Metadata.Name!);
        if (input.Manifest.Metadata.DeletionTimestamp is not null) return (input, [NotObserved("the cluster is being deleted")]);
        if (!DatabasePlanner.IsManaged(input.Manifest, settings))
            return (input, [NotObserved("the operator looks after no roles and databases of this cluster (a standby, no members, or enable_database_access is off)")]);
        if (input.Observed.Find(KubernetesKinds.StatefulSet, cluster.Namespace, cluster.Name) is null) return (input, [NotObserved("the cluster does not exist yet")]);
        input = input with { Observed = input.Observed with { PostgresTeams = await TeamsAsync(settings, cancellationToken).ConfigureAwait(false) } };
        // The members of teams are known to the operator's directory, which may be reachable from nowhere else.
        input = input with { Roles = RoleSources.Read(settings, input.Observed, input.OperatorNamespace, new TeamAnswers(), out var findings) };
        var desired = DesiredServer.Build(new() { Manifest = input.Manifest, Settings = settings, Observed = input.Observed, Roles = input.Roles, Now = input.Now });
        var observed = await ReadAsync(input, settings, cluster, desired, cancellationToken).ConfigureAwait(false);
        return (input with { Observed = input.Observed with { Databases = observed } }, findings);
    }

    private async Task<ObservedServer> ReadAsync(PlanningInput input, OperatorSettings settings, ClusterKey cluster, DesiredServer desired, CancellationToken cancellationToken)
    {
        var superuser = desired.Roles.Superuser;
        if (superuser.Password is not { } password)
            throw Failed(cluster, $"the Secret {superuser.SecretNamespace}/{superuser.SecretName} with the password of \"{superuser.Name}\" does not exist or has no password");
        if (address is not null) return await ReadAsync(cluster, address, null, desired, password, cancellationToken).ConfigureAwait(false);
        var primary = PrimaryConnector.FindPrimary(input.Observed, settings, cluster)?["metadata"]?["name"]?.ToString()
            ?? throw Failed(cluster, "no pod of it is a ready primary");
        var port = ForwardedPort.Start(client, cluster.Namespace, primary, PostgresPort);
        await using var portScope = port.ConfigureAwait(false);
        return await ReadAsync(cluster, new(port.Address.Address.ToString(), port.Address.Port), (port, primary), desired, password, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<ObservedServer> ReadAsync(
        ClusterKey cluster, DatabaseAddress at, (ForwardedPort Port, string Pod)? way, DesiredServer desired, RolePassword password, CancellationToken cancellationToken)
    {
        var superuser = desired.Roles.Superuser;
        try
        {
            try
            {
                return await ObserveAsync(password).ConfigureAwait(false);
            }
            catch (DatabaseException e) when (e.Failure == DatabaseFailure.Unauthorized && superuser.NextPassword is not null)
            {
                // A rotation is on its way: the server may have the next password already.
                return await ObserveAsync(superuser.NextPassword).ConfigureAwait(false);
            }
        }
        catch (DatabaseException e)
        {
            throw way is { } through
                ? Failed(cluster, $"{through.Port.Failure ?? e.Message}. The way was pods/portforward of {cluster.Namespace}/{through.Pod}; --database-address HOST[:PORT] names a direct one")
                : Failed(cluster, e.Message);
        }

        async Task<ObservedServer> ObserveAsync(RolePassword used)
        {
            var server = new PostgresServer(new PostgresServerSettings
            {
                Host = at.Host, Port = at.Port, UserName = superuser.Name, Password = _ => ValueTask.FromResult(used.Reveal()), ApplicationName = "kubectl-pg", ReadOnly = true,
            });
            await using var serverScope = server.ConfigureAwait(false);
            return await server.ObserveAsync(desired.Databases.NeedsContentsOf, cancellationToken).ConfigureAwait(false);
        }
    }

    // Null, which is unknown, takes nobody's role away.
    private async Task<IReadOnlyList<PostgresTeam>?> TeamsAsync(OperatorSettings settings, CancellationToken cancellationToken)
    {
        if (!settings.TeamsApi.EnablePostgresTeamCrd) return [];
        try
        {
            var list = await client.ListAsync(PostgresTeam.Descriptor, null, null, cancellationToken).ConfigureAwait(false);
            return [.. list.Items.Select(static t => t.Deserialize(PostgresTeam.JsonTypeInfo)!)];
        }
        catch (KubernetesApiException e) when (e.StatusCode is 403 or 404)
        {
            return null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static CommandException Failed(ClusterKey cluster, string why) => new($"The databases of {cluster} cannot be read: {why}. Without --with-databases the rest is planned.");

    private static Finding NotObserved(string why) => new() { Severity = FindingSeverity.Information, Code = "DatabasesNotObserved", Rule = $"the databases were not observed: {why}" };
}
