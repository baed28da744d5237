using System.Security.Cryptography.X509Certificates;

namespace Zalando.Postgres.Sdk.Kubernetes.Configuration;

/// <summary>Where an API server is, how to trust it, and who calls. Printing it prints the address only.</summary>
public sealed record KubernetesClientConfiguration
{
    /// <summary>Address of the server, for example <c>https://10.96.0.1:443</c>; a path in it is kept (proxies).</summary>
    public required Uri Server { get; init; }

    /// <summary>Namespace of the context or of the own pod; null when none is given.</summary>
    public string? Namespace { get; init; }

    /// <summary>Certificates that sign the server's; null for those the system trusts.</summary>
    public X509Certificate2Collection? CertificateAuthorities { get; init; }

    /// <summary>
    /// Name that the server's certificate must have, and that is asked for in the TLS handshake (SNI), if it is not the host of <see cref="Server"/>.
    /// Behind a proxy the handshake asks for the host all the same, and only the certificate is judged by this name.
    /// </summary>
    public string? TlsServerName { get; init; }

    /// <summary>Accept any certificate. Whoever can reach the network path can then read and change everything. <value>false</value></summary>
    public bool SkipTlsVerification { get; init; }

    /// <summary>Client certificate with its key; null for none.</summary>
    public X509Certificate2? ClientCertificate { get; init; }

    /// <summary>Credentials per request; null for none (client certificate, or a handler of the host that adds its own).</summary>
    public IKubernetesCredentials? Credentials { get; init; }

    /// <summary>Proxy for all requests (<c>http</c>, <c>https</c> or <c>socks5</c>); null for what the environment says.</summary>
    public Uri? ProxyUrl { get; init; }

    /// <summary>Do not ask for compressed answers. <value>false</value></summary>
    public bool DisableCompression { get; init; }

    /// <summary>User to act as; null for the caller itself.</summary>
    public Impersonation? Impersonate { get; init; }

    /// <summary>
    /// A handler of the host that makes the connections; null for the client's own. The client does not dispose it, and the TLS and proxy settings
    /// above are then the handler's business; <see cref="Credentials"/> are still added.
    /// </summary>
    public HttpMessageHandler? Handler { get; init; }

    /// <summary>Reads a kubeconfig, including everything kubectl takes: certificates, tokens, token files, credential programs, proxies.</summary>
    /// <param name="path">The file; null for those of <c>KUBECONFIG</c>, else <c>~/.kube/config</c>.</param>
    /// <param name="context">Context; null for the current one.</param>
    /// <param name="timeProvider">Clock for tokens that expire; null for the system's.</param>
    /// <exception cref="KubernetesConfigurationException">The file is missing, unreadable or incomplete.</exception>
    public static KubernetesClientConfiguration FromKubeconfigFile(string? path = null, string? context = null, TimeProvider? timeProvider = null) =>
        Kubeconfig.Load(path, context, timeProvider ?? TimeProvider.System);

    /// <summary>Reads a kubeconfig from a text; relative paths in it count from <paramref name="directory"/>.</summary>
    /// <param name="text">YAML or JSON.</param>
    /// <param name="directory">Directory of relative paths; null for the current one.</param>
    /// <param name="context">Context; null for the current one.</param>
    /// <param name="timeProvider">Clock for tokens that expire; null for the system's.</param>
    /// <exception cref="KubernetesConfigurationException">The text cannot be used.</exception>
    public static KubernetesClientConfiguration FromKubeconfig(string text, string? directory = null, string? context = null, TimeProvider? timeProvider = null) =>
        Kubeconfig.Parse(text, directory, context, timeProvider ?? TimeProvider.System);

    /// <summary>The service account of the pod this program runs in.</summary>
    /// <param name="timeProvider">Clock for the token file; null for the system's.</param>
    /// <param name="directory">Where token, <c>ca.crt</c> and namespace are; null for where the kubelet puts them.</param>
    /// <exception cref="KubernetesConfigurationException">This is no pod, or it has no service account token.</exception>
    public static KubernetesClientConfiguration InCluster(TimeProvider? timeProvider = null, string? directory = null) =>
        Configuration.InCluster.Load(directory is null ? InClusterPaths.Default : InClusterPaths.In(directory), Environment.GetEnvironmentVariable, timeProvider ?? TimeProvider.System);

    /// <summary>A server that the host reaches through its own handler, with its own authentication.</summary>
    /// <param name="server">Address.</param>
    /// <param name="handler">The handler; stays the host's.</param>
    public static KubernetesClientConfiguration FromHandler(Uri server, HttpMessageHandler handler) => new() { Server = server, Handler = handler };

    /// <summary>Credentials that are one bearer token.</summary>
    /// <param name="token">The token.</param>
    public static IKubernetesCredentials BearerToken(string token) => StaticCredentials.Bearer(token);

    /// <summary>Credentials that are a bearer token in a file, read again each minute and after a refusal.</summary>
    /// <param name="path">The file.</param>
    /// <param name="timeProvider">The clock; null for the system's.</param>
    public static IKubernetesCredentials BearerTokenFile(string path, TimeProvider? timeProvider = null) => new TokenFileCredentials(path, timeProvider ?? TimeProvider.System);

    /// <inheritdoc />
    public override string ToString() => Server.ToString();
}
