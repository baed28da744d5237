using System.Text;
using Npgsql;
using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Sandbox;

namespace Zalando.Postgres.Sdk.Samples.Quickstart;

/// <summary>Writes a row through the primary's service and reads it through the replica's: what an application would do.</summary>
internal sealed class ClusterVerification(IKubernetesClient client, SandboxCluster sandbox, ProgressWriter progress, TimeProvider timeProvider)
{
    private static readonly TimeSpan ReplicaPatience = TimeSpan.FromSeconds(30);

    /// <exception cref="QuickstartException">A query did not work.</exception>
    public async Task<VerificationResult> RunAsync(ManifestFile manifest, CancellationToken cancellationToken)
    {
        var secret = await FindSecretAsync(manifest, cancellationToken);
        var database = (manifest.Cluster["spec"]?["databases"]?.AsObject().Select(d => d.Key).FirstOrDefault()) ?? "postgres";
        var authority = Path.Combine(sandbox.Directory, "ca.crt");
        await File.WriteAllTextAsync(authority, sandbox.CertificateAuthorityPem, cancellationToken);
        var primary = new Endpoint(Address(manifest.Namespace, manifest.Name), secret.Metadata.Name!, Text(secret, "username"), Text(secret, "password"), database, authority);
        var replicaAddress = sandbox.Services.Find(manifest.Namespace, manifest.Name + "-repl")?.ToString();
        var hasReplica = manifest.Instances > 1 && replicaAddress is not null;
        try
        {
            var row = await WriteAsync(primary, cancellationToken);
            progress.Step("verify", $"wrote a row through the primary's service {primary.Address}", StepKind.Good);
            if (hasReplica)
            {
                await ReadAsync(primary with { Address = replicaAddress! }, row, cancellationToken);
                progress.Step("verify", $"read it through the replica's service {replicaAddress}", StepKind.Good);
            }

            await DropAsync(primary, cancellationToken);
        }
        catch (NpgsqlException exception)
        {
            throw new QuickstartException($"The cluster is ready, but a query failed: {exception.Message}", exception);
        }

        return new VerificationResult(primary.Address, hasReplica ? replicaAddress : null, primary.User, database, primary.Secret, authority);
    }

    private string Address(string namespaceName, string name) =>
        sandbox.Services.Find(namespaceName, name)?.ToString() ?? throw new QuickstartException($"The service {name} has no address.");

    private async Task<Secret> FindSecretAsync(ManifestFile manifest, CancellationToken cancellationToken)
    {
        var secrets = await client.ListAsync<Secret>(manifest.Namespace, new ListOptions { LabelSelector = $"cluster-name={manifest.Name}" }, cancellationToken);
        var owner = manifest.Cluster["spec"]?["databases"]?.AsObject().Select(d => (string?)d.Value).FirstOrDefault() ?? "postgres";
        return secrets.Items.FirstOrDefault(s => s.Data?.ContainsKey("username") == true && Text(s, "username") == owner)
            ?? throw new QuickstartException($"There is no secret with the credentials of {owner}.");
    }

    private static async Task<Guid> WriteAsync(Endpoint endpoint, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(endpoint, cancellationToken);
        await using var command = new NpgsqlCommand(
            "drop table if exists public.quickstart_check; create table public.quickstart_check (id uuid primary key default gen_random_uuid()); insert into public.quickstart_check default values returning id", connection);
        return (Guid)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private async Task ReadAsync(Endpoint endpoint, Guid row, CancellationToken cancellationToken)
    {
        // The replica joins its service a moment after it is ready, and replication is asynchronous: the row is there when the replica has replayed it.
        var start = timeProvider.GetTimestamp();
        while (true)
        {
            try
            {
                if (await HasRowAsync(endpoint, row, cancellationToken)) return;
            }
            catch (NpgsqlException) when (timeProvider.GetElapsedTime(start) < ReplicaPatience)
            {
                // Not behind the service yet.
            }

            if (timeProvider.GetElapsedTime(start) >= ReplicaPatience) throw new QuickstartException($"The replica did not show a row that the primary committed within {ReplicaPatience.TotalSeconds:0} s.");
            await Task.Delay(TimeSpan.FromMilliseconds(200), timeProvider, cancellationToken);
        }
    }

    private static async Task<bool> HasRowAsync(Endpoint endpoint, Guid row, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(endpoint, cancellationToken);
        await using var state = new NpgsqlCommand("select pg_is_in_recovery() and to_regclass('public.quickstart_check') is not null", connection);
        if (await state.ExecuteScalarAsync(cancellationToken) is not true) return false;
        await using var read = new NpgsqlCommand("select count(*) from public.quickstart_check where id = $1", connection) { Parameters = { new() { Value = row } } };
        return await read.ExecuteScalarAsync(cancellationToken) is 1L;
    }

    private static async Task DropAsync(Endpoint endpoint, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(endpoint, cancellationToken);
        await using var command = new NpgsqlCommand("drop table public.quickstart_check", connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task<NpgsqlConnection> OpenAsync(Endpoint endpoint, CancellationToken cancellationToken)
    {
        var builder = new NpgsqlConnectionStringBuilder
        {
            Host = endpoint.Address,
            Username = endpoint.User,
            Password = endpoint.Password,
            Database = endpoint.Database,
            SslMode = SslMode.VerifyCA,
            RootCertificate = endpoint.Authority,
            Pooling = false,
            Timeout = 5,
            CommandTimeout = 10,
            GssEncryptionMode = GssEncryptionMode.Disable,
            ApplicationName = "quickstart",
        };
        var connection = new NpgsqlConnection(builder.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        return connection;
    }

    private static string Text(Secret secret, string key) => Encoding.UTF8.GetString(secret.Data![key]);

    private sealed record Endpoint(string Address, string Secret, string User, string Password, string Database, string Authority);
}
