using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Kubernetes.Configuration;
using Zalando.Postgres.Sdk.Kubernetes.Tests.Fakes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Testing.Time;

namespace Zalando.Postgres.Sdk.Kubernetes.Tests.Configuration;

public sealed class KubeconfigTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("kubeconfig");
    private readonly ManualTimeProvider _clock = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task A_context_names_server_user_and_namespace()
    {
        var configuration = Parse("""
            current-context: a
            contexts:
            - {name: a, context: {cluster: c, user: u, namespace: team}}
            - {name: b, context: {cluster: d}}
            clusters:
            - {name: c, cluster: {server: "https://api.example:6443/prefix", tls-server-name: inner, proxy-url: "socks5://proxy:1080"}}
            - {name: d, cluster: {server: "http://127.0.0.1:8001"}}
            users:
            - {name: u, user: {token: canary-42, as: somebody, as-groups: [g1, g2]}}
            """);
        Assert.Equal(("https://api.example:6443/prefix", "team", "inner", "socks5://proxy:1080/"),
            (configuration.Server.ToString(), configuration.Namespace, configuration.TlsServerName, configuration.ProxyUrl!.ToString()));
        Assert.Equal(("somebody", 2), (configuration.Impersonate!.User, configuration.Impersonate.Groups.Count));
        Assert.Equal("Bearer canary-42", (await configuration.Credentials!.GetAsync(Stop)).Authorization!.ToString());
        Assert.DoesNotContain("canary", $"{configuration} {await configuration.Credentials.GetAsync(Stop)}", StringComparison.Ordinal);
        var other = KubernetesClientConfiguration.FromKubeconfig(File.ReadAllText(Path.Combine(_directory.FullName, "config")), context: "b");
        Assert.Equal(("http://127.0.0.1:8001/", null), (other.Server.ToString(), other.Credentials));
    }

    [Theory]
    [InlineData("{}", "no current-context")]
    [InlineData("{current-context: a}", "contexts has no entry named a")]
    [InlineData("{current-context: a, contexts: [{name: a, context: {cluster: c}}]}", "clusters has no entry named c")]
    [InlineData("{current-context: a, contexts: [{name: a, context: {cluster: c}}], clusters: [{name: c, cluster: {}}]}", "clusters[c].cluster.server is missing")]
    [InlineData("{current-context: a, contexts: [{name: a, context: {cluster: c}}], clusters: [{name: c, cluster: {server: 'ftp://x'}}]}", "is no address")]
    [InlineData("{current-context: a, contexts: [{name: a, context: {cluster: c}}], clusters: [{name: c, cluster: {server: 'https://x', certificate-authority-data: '%%'}}]}", "not base64")]
    [InlineData("{current-context: a, contexts: [{name: a, context: {cluster: c}}], clusters: [{name: c, cluster: {server: 'https://x', certificate-authority-data: 'aGk='}}]}", "cannot be used")]
    [InlineData("{current-context: a, contexts: [{name: a, context: {cluster: c, user: u}}], clusters: [{name: c, cluster: {server: 'https://x'}}], users: [{name: u, user: {auth-provider: {name: gcp}}}]}", "auth-provider")]
    [InlineData("{current-context: a, contexts: [{name: a, context: {cluster: c, user: u}}], clusters: [{name: c, cluster: {server: 'https://x'}}], users: [{name: u, user: {exec: {apiVersion: v9, command: x}}}]}", "users[u].user.exec.apiVersion is v9")]
    [InlineData("current-context: [", "line 2")]
    public void What_is_wrong_is_named(string text, string expected)
    {
        var exception = Assert.Throws<KubernetesConfigurationException>(() => Parse(text));
        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_file_beside_the_kubeconfig_is_read_again_after_a_minute()
    {
        File.WriteAllText(Path.Combine(_directory.FullName, "token"), "one");
        var credentials = Parse(WithUser("{tokenFile: token}")).Credentials!;
        Assert.Equal("one", (await credentials.GetAsync(Stop)).Authorization!.Parameter);
        File.WriteAllText(Path.Combine(_directory.FullName, "token"), "two");
        Assert.Equal("one", (await credentials.GetAsync(Stop)).Authorization!.Parameter);
        _clock.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal("two", (await credentials.GetAsync(Stop)).Authorization!.Parameter);
        File.Delete(Path.Combine(_directory.FullName, "token"));
        _clock.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal("two", (await credentials.GetAsync(Stop)).Authorization!.Parameter);
    }

    [Fact]
    public async Task A_credential_program_runs_when_its_credential_expires_or_is_refused_and_only_then()
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("the program of this test is a shell script");
        Script("""
            echo x >> "$1"/runs
            n=$(wc -l < "$1"/runs | tr -d ' ')
            echo "$KUBERNETES_EXEC_INFO" > "$1"/info
            printf '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"t%s-%s","expirationTimestamp":"2026-01-01T00:10:00Z"}}' "$n" "$COLOUR"
            """);
        var credentials = Parse(WithUser($"{{exec: {{apiVersion: client.authentication.k8s.io/v1, command: ./program, args: [{_directory.FullName}], env: [{{name: COLOUR, value: red}}], provideClusterInfo: true, interactiveMode: Never}}}}")).Credentials!;
        var first = await credentials.GetAsync(Stop);
        Assert.Equal("t1-red", first.Authorization!.Parameter);
        Assert.Same(first, await credentials.GetAsync(Stop));
        Assert.Contains("\"server\":\"https://x\"", File.ReadAllText(Path.Combine(_directory.FullName, "info")), StringComparison.Ordinal);
        Assert.True(credentials.Refuse(first));
        Assert.Equal("t2-red", (await credentials.GetAsync(Stop)).Authorization!.Parameter);
        _clock.Advance(TimeSpan.FromMinutes(9.9));
        Assert.Equal("t3-red", (await credentials.GetAsync(Stop)).Authorization!.Parameter);
    }

    [Theory]
    [InlineData("echo 'please log in: canary-42' >&2; exit 7", "ended with code 7")]
    [InlineData("echo 'canary-42 is no JSON'", "did not print JSON")]
    [InlineData("echo '{\"kind\":\"ExecCredential\",\"status\":{}}'", "neither a token nor a client certificate")]
    [InlineData(null, "Install it from the portal")]
    public async Task A_credential_program_that_fails_says_what_to_do_and_no_secret(string? script, string expected)
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("the program of this test is a shell script");
        if (script is not null) Script(script);
        var configuration = Parse(WithUser("{exec: {apiVersion: client.authentication.k8s.io/v1, command: ./program, installHint: Install it from the portal}}"));
        using var client = new KubernetesClient(configuration with { Handler = new ScriptedHandler(_ => ScriptedHandler.Json("{}")) });
        var exception = await Assert.ThrowsAsync<KubernetesApiException>(() => client.GetAsync<ConfigMap>("ns", "a", Stop));
        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
        if (script?.Contains("no JSON", StringComparison.Ordinal) == true) Assert.DoesNotContain("canary-42", exception.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_program_outside_a_pod_is_told_what_to_do()
    {
        if (Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_HOST") is not null) Assert.Skip("this test runs in a pod");
        var exception = Assert.Throws<KubernetesConfigurationException>(() => KubernetesClientConfiguration.InCluster());
        Assert.Contains("name a kubeconfig instead", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("10.96.0.1", "https://10.96.0.1/")]
    [InlineData("fd00::1", "https://[fd00::1]/")]
    public async Task A_program_in_a_pod_finds_the_service_account_of_the_pod(string host, string address)
    {
        using var key = System.Security.Cryptography.ECDsa.Create();
        using var authority = new System.Security.Cryptography.X509Certificates.CertificateRequest("CN=cluster", key, System.Security.Cryptography.HashAlgorithmName.SHA256)
            .CreateSelfSigned(_clock.GetUtcNow(), _clock.GetUtcNow().AddYears(1));
        File.WriteAllText(Path.Combine(_directory.FullName, "ca.crt"), authority.ExportCertificatePem());
        File.WriteAllText(Path.Combine(_directory.FullName, "namespace"), "team\n");
        var (before, beforePort) = (Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_HOST"), Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_PORT"));
        try
        {
            Environment.SetEnvironmentVariable("KUBERNETES_SERVICE_HOST", host);
            Environment.SetEnvironmentVariable("KUBERNETES_SERVICE_PORT", "443");
            var without = Assert.Throws<KubernetesConfigurationException>(() => KubernetesClientConfiguration.InCluster(_clock, _directory.FullName));
            Assert.Contains("automountServiceAccountToken", without.Message, StringComparison.Ordinal);

            File.WriteAllText(Path.Combine(_directory.FullName, "token"), "first");
            var configuration = KubernetesClientConfiguration.InCluster(_clock, _directory.FullName);
            Assert.Equal((address, "team", "CN=cluster"), (configuration.Server.ToString(), configuration.Namespace, configuration.CertificateAuthorities!.Single().Subject));
            Assert.Equal("first", (await configuration.Credentials!.GetAsync(Stop)).Authorization!.Parameter);
            // The kubelet renews the token, and the client takes the new one within a minute.
            File.WriteAllText(Path.Combine(_directory.FullName, "token"), "second");
            _clock.Advance(TimeSpan.FromSeconds(61));
            Assert.Equal("second", (await configuration.Credentials.GetAsync(Stop)).Authorization!.Parameter);
        }
        finally
        {
            Environment.SetEnvironmentVariable("KUBERNETES_SERVICE_HOST", before);
            Environment.SetEnvironmentVariable("KUBERNETES_SERVICE_PORT", beforePort);
        }
    }

    private static string WithUser(string user) =>
        $"{{current-context: a, contexts: [{{name: a, context: {{cluster: c, user: u}}}}], clusters: [{{name: c, cluster: {{server: 'https://x'}}}}], users: [{{name: u, user: {user}}}]}}";

    private void Script(string body)
    {
        var path = Path.Combine(_directory.FullName, "program");
        File.WriteAllText(path, "#!/bin/sh\n" + body + "\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private KubernetesClientConfiguration Parse(string text)
    {
        var path = Path.Combine(_directory.FullName, "config");
        File.WriteAllText(path, text);
        return KubernetesClientConfiguration.FromKubeconfigFile(path, timeProvider: _clock);
    }
}
