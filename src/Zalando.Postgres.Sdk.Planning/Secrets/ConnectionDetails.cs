using System.Text;
using Zalando.Postgres.Sdk.Planning.Clusters;
using Zalando.Postgres.Sdk.Planning.Roles;

namespace Zalando.Postgres.Sdk.Planning.Secrets;

/// <summary>Further keys in the Secrets of roles for programs that want to connect without putting anything together: <c>host</c>, <c>port</c>, <c>database</c>,
/// <c>uri</c>, <c>npgsql</c> and <c>jdbc</c>. An annotation of the cluster asks for them.</summary>
internal static class ConnectionDetails
{
    /// <summary>Annotation of the cluster that asks for the keys (<c>true</c>).</summary>
    public const string Annotation = "acid.zalan.do/connection-details";

    public static Dictionary<string, byte[]> With(Dictionary<string, byte[]> data, ClusterContext context, DesiredRole user)
    {
        if (!context.HasAnnotation(Annotation, "true") || user.Origin == RoleOrigin.System) return data;
        var host = $"{context.Name}.{context.Namespace}.svc.{context.Settings.Kubernetes.ClusterDomain}";
        var database = DatabaseOf(context, user.Name);
        var (name, password) = (SecretBuilder.UserName(context, user), SecretBuilder.Password(context, user));
        Add("host", host);
        Add("port", "5432");
        Add("database", database);
        Add("uri", $"postgresql://{Escape(name)}:{Escape(password)}@{host}:5432/{Escape(database)}?sslmode=require");
        Add("jdbc", $"jdbc:postgresql://{host}:5432/{Escape(database)}?user={Escape(name)}&password={Escape(password)}&sslmode=require");
        Add("npgsql", $"Host={host};Port=5432;Database={Quote(database)};Username={Quote(name)};Password={Quote(password)};SSL Mode=Require");
        return data;

        void Add(string key, string value) => data[key] = Encoding.UTF8.GetBytes(value);
    }

    // The database that the role owns, or whose prepared role it is; without one the database that every server has.
    private static string DatabaseOf(ClusterContext context, string role)
    {
        var owned = (context.Spec.Databases ?? new Dictionary<string, string>()).Where(d => d.Value == role).Select(d => d.Key).Order(StringComparer.Ordinal).FirstOrDefault();
        if (owned is not null) return owned;
        return PreparedDatabaseNames.Effective(context.Manifest).Select(d => d.Key).Where(d => role.StartsWith(d + "_", StringComparison.Ordinal) && role.EndsWith("_user", StringComparison.Ordinal))
            .OrderByDescending(d => d.Length).FirstOrDefault() ?? "postgres";
    }

    private static string Escape(string text) => Uri.EscapeDataString(text);

    // Double quotes protect everything but double quotes, which are doubled.
    private static string Quote(string text) => text.AsSpan().IndexOfAny(";='\" ") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
