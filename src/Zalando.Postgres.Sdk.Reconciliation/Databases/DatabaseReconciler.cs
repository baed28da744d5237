using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Database;
using Zalando.Postgres.Sdk.Kubernetes.Yaml;
using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Planning.Databases;
using Zalando.Postgres.Sdk.Planning.Roles;
using Zalando.Postgres.Sdk.Reconciliation.Execution;
using Zalando.Postgres.Sdk.Reconciliation.Observation;
using Zalando.Postgres.Sdk.Reconciliation.Plugins;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Reconciliation.Databases;

/// <summary>Observes roles and databases through the super user, plans, and changes what differs.</summary>
/// <param name="connector">How to reach the primary.</param>
/// <param name="credentials">Where the super user's password comes from; null for its Secret.</param>
public sealed class DatabaseReconciler(IPostgresConnector connector, ICredentialSource? credentials = null) : IDatabaseReconciler
{
    // What is made in one round may be looked into in the next: a database, then its schemas. More rounds would be a fight with somebody.
    private const int MostRounds = 4;

    /// <inheritdoc />
    public bool IsManaged(PassContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var spec = context.Manifest.Spec;
        return context.Settings.Debug.EnableDatabaseAccess && spec.NumberOfInstances is not 0 && spec.Standby is null
            && spec.Env?.Any(e => e.Name?.StartsWith("STANDBY_", StringComparison.Ordinal) == true && !string.IsNullOrEmpty(e.Value)) != true;
    }

    /// <inheritdoc />
    public string Fingerprint(PassContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(JsonSerializer.SerializeToUtf8Bytes(context.Manifest.Spec, PostgresJsonContext.Default.PostgresqlSpec));
        foreach (var (key, value) in context.Observed.Objects.Where(o => o.Key.Kind is "Secret" or "ConfigMap").OrderBy(o => o.Key.ToString(), StringComparer.Ordinal))
        {
            // Patroni's ConfigMaps carry no data; those of the infrastructure roles do.
            if (value["data"] is not JsonObject data) continue;
            hash.AppendData(Encoding.UTF8.GetBytes(key.ToString()));
            hash.AppendData(Encoding.UTF8.GetBytes(data.ToJsonString()));
        }

        hash.AppendData(BitConverter.GetBytes(System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(context.Settings)));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <inheritdoc />
    public async Task<DatabaseReport> ReconcileAsync(PassContext context, Func<bool> isInterrupted, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(isInterrupted);
        var made = new List<PlannedChange>();
        IReadOnlyList<Finding> findings = [];
        try
        {
            var infrastructure = InfrastructureRoleReader.Read(
                InfrastructureRoleReader.Definitions(context.Settings), d => SourceOf(context, d), out var roleFindings);
            var roles = DesiredRoles.Build(context.Manifest, context.Settings, new RoleInputs { InfrastructureRoles = infrastructure })
                .WithPasswords(role => CredentialsOf(context, role));
            var databases = DesiredDatabases.Build(context.Manifest, context.Settings, roles);
            var superuser = roles.Superuser;
            if (credentials is null && superuser.Password is null)
                return new DatabaseReport { Failure = $"The Secret {superuser.SecretNamespace}/{superuser.SecretName} with the super user's password does not exist or is empty." };
            if (connector.Connect(context, superuser.Name, token => PasswordAsync(context, superuser, token)) is not { } server)
                return new DatabaseReport { Failure = "The primary has no address yet." };
            await using (server.ConfigureAwait(false))
            {
                for (var round = 0; round < MostRounds; round++)
                {
                    if (isInterrupted()) return new DatabaseReport { Changes = made, IsInterrupted = true };
                    var observed = await server.ObserveAsync(databases.NeedsContentsOf, cancellationToken).ConfigureAwait(false);
                    var plan = DatabasePlanner.Plan(context.Manifest, context.Settings, roles, databases, observed);
                    findings = [.. roleFindings, .. plan.Findings];
                    if (plan.Changes.Count == 0) break;
                    foreach (var change in plan.Changes)
                    {
                        if (isInterrupted()) return new DatabaseReport { Changes = made, Findings = findings, IsInterrupted = true };
                        await server.ApplyAsync(change.Change, cancellationToken).ConfigureAwait(false);
                        made.Add(change);
                    }
                }
            }

            var refusals = findings.Where(f => f.Severity == FindingSeverity.Error).Select(f => f.ToString()).ToList();
            return new DatabaseReport { Changes = made, Findings = findings, Failure = refusals.Count == 0 ? null : string.Join("; ", refusals) };
        }
        catch (DatabaseException e)
        {
            return new DatabaseReport { Changes = made, Findings = findings, Failure = e.Message };
        }
    }

    private async ValueTask<string> PasswordAsync(PassContext context, DesiredRole superuser, CancellationToken cancellationToken)
    {
        if (credentials is not null && await credentials.FindPasswordAsync(context.Plan.Cluster, superuser.Name, cancellationToken).ConfigureAwait(false) is { } found)
            return found.Reveal();
        return superuser.Password?.Reveal() ?? "";
    }

    private static SecretCredentials? CredentialsOf(PassContext context, DesiredRole role)
    {
        if (role.SecretName is not { } name || role.SecretNamespace is not { } space) return null;
        var values = Decoded(context.Observed.Find(KubernetesKinds.Secret, space, name));
        return values?.GetValueOrDefault("password") is { Length: > 0 } password
            ? new SecretCredentials(values.GetValueOrDefault("username") ?? role.Name, new RolePassword(password))
            : null;
    }

    private static InfrastructureRoleSource? SourceOf(PassContext context, InfrastructureRoleSecret definition)
    {
        if (!NamespacedName.TryParse(definition.SecretName, out var name)) return null;
        // The observer put the secret of the right namespace there; without one it is the operator's.
        var key = context.Observed.Objects.Keys.FirstOrDefault(k => k.Kind == "Secret" && k.Name == name.Name && (name.Namespace is null || k.Namespace == name.Namespace));
        if (key.Name is null || Decoded(context.Observed.Objects[key]) is not { } secret) return null;
        var map = context.Observed.Find(KubernetesKinds.ConfigMap, key.Namespace, key.Name).Child("data");
        return new InfrastructureRoleSource
        {
            Secret = secret,
            ConfigMap = map?.Where(e => e.Value is JsonValue).ToDictionary(e => e.Key, e => Mapping(e.Value!.ToString()), StringComparer.Ordinal),
        };
    }

    private static JsonObject? Mapping(string yaml)
    {
        try
        {
            return KubernetesYaml.Parse(yaml).FirstOrDefault();
        }
        catch (KubernetesYamlException)
        {
            return null;
        }
    }

    private static Dictionary<string, string>? Decoded(JsonObject? secret)
    {
        if (secret.Child("data") is not { } data) return null;
        var result = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, _) in data)
        {
            if (data.Text(key) is not { } encoded) continue;
            var bytes = new byte[encoded.Length];
            if (Convert.TryFromBase64String(encoded, bytes, out var length)) result[key] = Encoding.UTF8.GetString(bytes, 0, length);
        }

        return result;
    }
}
