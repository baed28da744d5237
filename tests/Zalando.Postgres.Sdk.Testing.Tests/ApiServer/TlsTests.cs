using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Xunit;
using Zalando.Postgres.Sdk.Testing.ApiServer;

namespace Zalando.Postgres.Sdk.Testing.Tests.ApiServer;

public sealed class TlsTests
{
    private const string WhoAmI = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
    private const string Review = """{"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"}""";

    [Fact]
    public async Task A_client_certificate_names_the_user_and_its_groups()
    {
        await using var server = await StartAsync();
        using var certificate = server.IssueClientCertificate("alice", "developers", "testers");
        using var http = server.Client(certificate);

        var (code, answer) = await http.SendAsync("POST", WhoAmI, Review);

        Assert.Equal(201, code);
        Assert.Equal("alice", (string?)answer["status"]!["userInfo"]!["username"]);
        Assert.Equal(["developers", "testers", "system:authenticated"], answer["status"]!["userInfo"]!["groups"]!.AsArray().Select(static g => (string?)g));
    }

    [Fact]
    public async Task A_certificate_of_another_authority_is_not_believed()
    {
        await using var server = await StartAsync();
        await using var other = await StartAsync();
        using var certificate = other.IssueClientCertificate("alice", "system:masters");
        using var http = server.Client(certificate);

        var (code, answer) = await http.SendAsync("GET", "/api/v1/namespaces");

        Assert.Equal(401, code);
        Assert.Equal("Unauthorized", (string?)answer["reason"]);
    }

    [Fact]
    public async Task Without_a_certificate_a_bearer_token_counts_and_without_both_the_request_is_anonymous()
    {
        await using var server = await StartAsync(o => o with { TokenUsers = [new TokenUser("t0k", new RequestUser("bob", null, []))] });
        using var bob = server.Client(bearer: "t0k");
        using var nobody = server.Client();

        var (_, answer) = await bob.SendAsync("POST", WhoAmI, Review);
        var (code, _) = await nobody.SendAsync("GET", "/api/v1/namespaces");

        Assert.Equal("bob", (string?)answer["status"]!["userInfo"]!["username"]);
        Assert.Equal(403, code);
    }

    [Fact]
    public async Task Whoever_does_not_trust_the_authority_does_not_connect()
    {
        await using var server = await StartAsync();
        using var http = new HttpClient(new SocketsHttpHandler(), true) { BaseAddress = server.Url };

        var failure = await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync("/version", Requests.Token));

        Assert.Equal(HttpRequestError.SecureConnectionError, failure.HttpRequestError);
    }

    [Fact]
    public async Task A_given_certificate_is_used_and_a_given_authority_decides_about_clients()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=mine", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(System.Net.IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var mine = request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
        await using var server = await StartAsync(o => o with { ServerCertificate = mine, ClientCertificateAuthorities = [mine] });
        using var http = server.Client();

        Assert.Equal(200, (await http.SendAsync("GET", "/version")).Code);
        Assert.Equal(mine.ExportCertificatePem(), server.CertificateAuthority);
        Assert.Throws<InvalidOperationException>(() => server.IssueClientCertificate("alice"));
    }

    [Fact]
    public async Task The_kubeconfig_has_all_that_a_client_needs_and_pods_are_told_the_authority()
    {
        await using var server = await InMemoryApiServer.StartAsync(new ApiServerOptions { UseTls = true, Authorization = AuthorizationMode.Rbac }, Requests.Token);
        await server.Controllers!.SettleAsync(Requests.Token);

        Assert.Contains("certificate-authority-data: ", server.Kubeconfig, StringComparison.Ordinal);
        Assert.Contains("client-certificate-data: ", server.Kubeconfig, StringComparison.Ordinal);
        Assert.Contains("user: carol", server.KubeconfigFor("carol"), StringComparison.Ordinal);
        var map = server.Access.Get(Resources.Kubernetes.KubernetesKinds.ConfigMap, "default", "kube-root-ca.crt");
        Assert.Equal(server.CertificateAuthority, (string?)map!["data"]!["ca.crt"]);
    }

    [Fact]
    public async Task Without_tls_the_kubeconfig_carries_a_token_where_rights_are_checked()
    {
        await using var server = await InMemoryApiServer.StartAsync(new ApiServerOptions { Controllers = [], Authorization = AuthorizationMode.Rbac }, Requests.Token);
        var token = server.Kubeconfig.Split("token: ")[1].Split('\n')[0];
        using var http = server.Client(bearer: token);

        Assert.Equal(201, (await http.SendAsync("POST", "/api/v1/namespaces/default/configmaps", Requests.ConfigMap("a"))).Code);
        Assert.Null(server.CertificateAuthority);
        Assert.Throws<InvalidOperationException>(() => server.IssueClientCertificate("alice"));
    }

    private static Task<InMemoryApiServer> StartAsync(Func<ApiServerOptions, ApiServerOptions>? change = null)
    {
        var options = new ApiServerOptions { UseTls = true, Controllers = [], Authorization = AuthorizationMode.Rbac };
        return InMemoryApiServer.StartAsync(change?.Invoke(options) ?? options, Requests.Token);
    }
}
