using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Kubernetes.Yaml;

namespace Zalando.Postgres.Sdk.Kubernetes.Configuration;

/// <summary>Reads kubeconfigs. Several files count as one: of entries with the same name the first wins, as with kubectl.</summary>
internal sealed class Kubeconfig
{
    private readonly List<(JsonObject Root, string Directory, string Source)> _files = [];
    private readonly TimeProvider _timeProvider;

    private Kubeconfig(TimeProvider timeProvider) => _timeProvider = timeProvider;

    public static KubernetesClientConfiguration Load(string? path, string? context, TimeProvider timeProvider)
    {
        var kubeconfig = new Kubeconfig(timeProvider);
        string[] candidates = path is not null ? [path] : DefaultFiles();
        foreach (var file in candidates.Where(file => path is not null || File.Exists(file))) kubeconfig.Add(ReadFile(file), Path.GetDirectoryName(Path.GetFullPath(file))!, file);
        if (kubeconfig._files.Count == 0) throw new KubernetesConfigurationException($"there is no kubeconfig ({string.Join(", ", candidates)}); set KUBECONFIG or name a file");
        return kubeconfig.Build(context);
    }

    public static KubernetesClientConfiguration Parse(string text, string? directory, string? context, TimeProvider timeProvider)
    {
        var kubeconfig = new Kubeconfig(timeProvider);
        kubeconfig.Add(text, directory ?? Directory.GetCurrentDirectory(), "kubeconfig");
        return kubeconfig.Build(context);
    }

    private static string[] DefaultFiles()
    {
        var variable = Environment.GetEnvironmentVariable("KUBECONFIG");
        return string.IsNullOrEmpty(variable)
            ? [Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".kube", "config")]
            : variable.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
    }

    private static string ReadFile(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new KubernetesConfigurationException($"{path} cannot be read: {exception.Message}", exception);
        }
    }

    private void Add(string text, string directory, string source)
    {
        try
        {
            foreach (var root in KubernetesYaml.Parse(text)) _files.Add((root, directory, source));
        }
        catch (KubernetesYamlException exception)
        {
            throw new KubernetesConfigurationException($"{source}: {exception.Message}", exception);
        }
    }

    private KubernetesClientConfiguration Build(string? wanted)
    {
        var contextName = wanted ?? _files.Select(file => Text(file.Root, "current-context")).FirstOrDefault(name => name is not null)
            ?? throw new KubernetesConfigurationException($"{_files[0].Source}: no current-context; name a context");
        var context = Find("contexts", "context", contextName).Entry;
        var (cluster, directory, source) = Find("clusters", "cluster", Text(context, "cluster") ?? throw Missing($"contexts[{contextName}].context.cluster"));
        var clusterName = Text(context, "cluster")!;
        var configuration = new KubernetesClientConfiguration
        {
            Server = Address(cluster, "server", clusterName) ?? throw Missing($"clusters[{clusterName}].cluster.server"),
            Namespace = Text(context, "namespace"),
            CertificateAuthorities = Authorities(cluster, directory, clusterName),
            TlsServerName = Text(cluster, "tls-server-name"),
            SkipTlsVerification = Flag(cluster, "insecure-skip-tls-verify"),
            DisableCompression = Flag(cluster, "disable-compression"),
            ProxyUrl = Address(cluster, "proxy-url", clusterName),
        };
        if (configuration is { SkipTlsVerification: true, CertificateAuthorities: not null })
            throw new KubernetesConfigurationException($"{source}: clusters[{clusterName}].cluster has both insecure-skip-tls-verify and a certificate authority; keep one");
        return Text(context, "user") is { } user ? WithUser(configuration, user, cluster, directory) : configuration;
    }

    private KubernetesClientConfiguration WithUser(KubernetesClientConfiguration configuration, string name, JsonObject cluster, string clusterDirectory)
    {
        var (user, directory, source) = Find("users", "user", name);
        if (user["auth-provider"] is not null)
            throw new KubernetesConfigurationException($"{source}: users[{name}].user.auth-provider is not supported (nor by kubectl since 1.26); use a credential program (exec) instead");
        return configuration with
        {
            ClientCertificate = ClientCertificate(user, directory, name),
            Credentials = Credentials(user, directory, name, cluster, clusterDirectory),
            Impersonate = Text(user, "as") is { } impersonated
                ? new Impersonation { User = impersonated, Groups = Texts(user["as-groups"]), Uid = Text(user, "as-uid"), Extra = Extra(user["as-user-extra"]) }
                : null,
        };
    }

    private IKubernetesCredentials? Credentials(JsonObject user, string directory, string name, JsonObject cluster, string clusterDirectory)
    {
        // The order is kubectl's: a token file before a token, and both before a program.
        if (Text(user, "tokenFile") is { } tokenFile) return new TokenFileCredentials(Path.Combine(directory, tokenFile), _timeProvider);
        if (Text(user, "token") is { } token) return StaticCredentials.Bearer(token);
        if (Text(user, "username") is { } userName) return StaticCredentials.Basic(userName, Text(user, "password") ?? "");
        if (user["exec"] is not JsonObject exec) return null;
        var where = $"users[{name}].user.exec";
        var version = Text(exec, "apiVersion") ?? throw Missing($"{where}.apiVersion");
        if (version is not ("client.authentication.k8s.io/v1" or "client.authentication.k8s.io/v1beta1"))
            throw new KubernetesConfigurationException($"{where}.apiVersion is {version}; known are client.authentication.k8s.io/v1 and v1beta1");
        if (Text(exec, "interactiveMode") is "Always")
            throw new KubernetesConfigurationException($"{where}.interactiveMode is Always; here nobody can answer the program's questions");
        var command = Text(exec, "command") ?? throw Missing($"{where}.command");
        return new ExecCredentials(new ExecCredentialPlugin
        {
            ApiVersion = version,
            Command = command.Contains('/', StringComparison.Ordinal) ? Path.Combine(directory, command) : command,
            Arguments = Texts(exec["args"]),
            Environment = Variables(exec["env"]),
            InstallHint = Text(exec, "installHint"),
            ClusterInfo = Flag(exec, "provideClusterInfo") ? ClusterInfo(cluster, clusterDirectory) : null,
        }, _timeProvider);
    }

    private static string ClusterInfo(JsonObject cluster, string directory)
    {
        var info = new JsonObject();
        foreach (var field in (string[])["server", "tls-server-name", "insecure-skip-tls-verify", "certificate-authority-data", "proxy-url", "disable-compression"])
        {
            if (cluster[field] is { } value) info[field] = value.DeepClone();
        }

        if (Text(cluster, "certificate-authority") is { } file && info["certificate-authority-data"] is null)
            info["certificate-authority-data"] = Convert.ToBase64String(File.ReadAllBytes(Path.Combine(directory, file)));
        if (cluster["extensions"] is JsonArray extensions
            && extensions.OfType<JsonObject>().FirstOrDefault(entry => Text(entry, "name") == "client.authentication.k8s.io/exec") is { } extension)
            info["config"] = extension["extension"]?.DeepClone();
        return info.ToJsonString();
    }

    private static X509Certificate2Collection? Authorities(JsonObject cluster, string directory, string name)
    {
        var pem = Pem(cluster, "certificate-authority", directory, $"clusters[{name}].cluster");
        if (pem is null) return null;
        try
        {
            return PemFiles.Authorities(pem);
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            throw new KubernetesConfigurationException($"clusters[{name}].cluster.certificate-authority cannot be used: {exception.Message}", exception);
        }
    }

    private static X509Certificate2? ClientCertificate(JsonObject user, string directory, string name)
    {
        var certificate = Pem(user, "client-certificate", directory, $"users[{name}].user");
        var key = Pem(user, "client-key", directory, $"users[{name}].user");
        if (certificate is null && key is null) return null;
        if (certificate is null || key is null)
            throw new KubernetesConfigurationException($"users[{name}].user has only one of client-certificate and client-key; both are needed");
        try
        {
            return PemFiles.Certificate(certificate, key);
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            throw new KubernetesConfigurationException($"users[{name}].user.client-certificate and client-key cannot be used together: {exception.Message}", exception);
        }
    }

    private static string? Pem(JsonObject entry, string field, string directory, string where)
    {
        try
        {
            // Data wins over a file, as with kubectl.
            if (Text(entry, field + "-data") is { } data) return Encoding.UTF8.GetString(Convert.FromBase64String(data));
            return Text(entry, field) is { } file ? File.ReadAllText(Path.Combine(directory, file)) : null;
        }
        catch (FormatException)
        {
            throw new KubernetesConfigurationException($"{where}.{field}-data is not base64");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new KubernetesConfigurationException($"{where}.{field}: {exception.Message}", exception);
        }
    }

    private static Uri? Address(JsonObject cluster, string field, string name)
    {
        if (Text(cluster, field) is not { } text) return null;
        if (!Uri.TryCreate(text.Contains("://", StringComparison.Ordinal) ? text : "https://" + text, UriKind.Absolute, out var address) || address.Host.Length == 0
            || field == "server" && address.Scheme is not ("http" or "https"))
            throw new KubernetesConfigurationException($"clusters[{name}].cluster.{field} is no address: {text}");
        return address;
    }

    private (JsonObject Entry, string Directory, string Source) Find(string list, string kind, string name)
    {
        foreach (var (root, directory, source) in _files)
        {
            if (root[list] is not JsonArray entries) continue;
            foreach (var entry in entries.OfType<JsonObject>())
            {
                if (Text(entry, "name") == name && entry[kind] is JsonObject found) return (found, directory, source);
            }
        }

        throw new KubernetesConfigurationException($"{_files[0].Source}: {list} has no entry named {name}");
    }

    private KubernetesConfigurationException Missing(string field) => new($"{_files[0].Source}: {field} is missing");

    private static string? Text(JsonObject entry, string field) =>
        entry[field] is JsonValue value && value.TryGetValue<string>(out var text) && text.Length > 0 ? text : null;

    private static bool Flag(JsonObject entry, string field) => entry[field] is JsonValue value && value.TryGetValue<bool>(out var flag) && flag;

    private static string[] Texts(JsonNode? node) =>
        node is JsonArray list ? [.. list.OfType<JsonValue>().Select(item => item.TryGetValue<string>(out var text) ? text : item.ToJsonString())] : [];

    private static Dictionary<string, string> Variables(JsonNode? node)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        if (node is not JsonArray list) return variables;
        foreach (var entry in list.OfType<JsonObject>())
        {
            if (Text(entry, "name") is { } name) variables[name] = Text(entry, "value") ?? "";
        }

        return variables;
    }

    private static Dictionary<string, IReadOnlyList<string>> Extra(JsonNode? node)
    {
        var extra = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        if (node is not JsonObject map) return extra;
        foreach (var (key, values) in map) extra[key] = Texts(values);
        return extra;
    }
}
