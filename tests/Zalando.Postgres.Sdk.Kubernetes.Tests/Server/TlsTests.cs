using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Kubernetes.Configuration;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Kubernetes.Tests.Server;

public sealed class TlsTests : IAsyncLifetime
{
    private readonly X509Certificate2 _authority = Certificate("CN=authority", null, "authority");
    private WebApplication _web = null!;
    private Uri _url = null!;
    private volatile string? _askedFor;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.UseHttps(https =>
        {
            var certificate = Certificate("CN=api", _authority, "api.inner");
            https.ServerCertificateSelector = (_, name) =>
            {
                _askedFor = name;
                return certificate;
            };
            https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
            https.AllowAnyClientCertificate();
        })));
        _web = builder.Build();
        _web.Run(context =>
        {
            context.Response.ContentType = "application/json";
            return context.Response.WriteAsync($$$"""{"metadata":{"name":"a"},"data":{"client":"{{{context.Connection.ClientCertificate?.Subject}}}","protocol":"{{{context.Request.Protocol}}}"}}""");
        });
        await _web.StartAsync(Stop);
        _url = new Uri(_web.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
    }

    public async ValueTask DisposeAsync()
    {
        await _web.DisposeAsync();
        _authority.Dispose();
    }

    [Fact]
    public async Task A_server_is_trusted_by_its_authority_and_the_name_it_should_have()
    {
        var trusted = Configuration() with { TlsServerName = "api.inner" };
        Assert.Equal("HTTP/2", (await AskAsync(trusted)).Data!["protocol"]);
        // A gateway that serves many clusters chooses by the name in the handshake.
        Assert.Equal("api.inner", _askedFor);
        await RefusedAsync(trusted with { TlsServerName = "api.other" });
        Assert.Equal("api.other", _askedFor);
        // The certificate says api.inner, and the address says 127.0.0.1.
        await RefusedAsync(Configuration());
        // An authority that signed something else.
        await RefusedAsync(trusted with { CertificateAuthorities = [Certificate("CN=authority", null, "authority")] });
        await RefusedAsync(trusted with { CertificateAuthorities = null });
        Assert.NotNull(await AskAsync(Configuration() with { CertificateAuthorities = null, SkipTlsVerification = true }));
    }

    [Fact]
    public async Task A_client_certificate_is_shown()
    {
        var certificate = Certificate("CN=operator", _authority, "operator");
        Assert.Equal("CN=operator", (await AskAsync(Configuration() with { TlsServerName = "api.inner", ClientCertificate = certificate })).Data!["client"]);
    }

    [Fact]
    public async Task A_certificate_may_come_with_the_credential_of_the_hour()
    {
        var credentials = new CertificateOfTheHour(Certificate("CN=from-a-program", _authority, "operator"));
        Assert.Equal("CN=from-a-program", (await AskAsync(Configuration() with { TlsServerName = "api.inner", Credentials = credentials })).Data!["client"]);
    }

    [Fact]
    public async Task Web_sockets_ask_for_the_same_name()
    {
        using var client = new KubernetesClient(Configuration() with { TlsServerName = "api.inner" });
        var refused = await Assert.ThrowsAsync<KubernetesApiException>(() => client.ExecAsync("ns", "pod", "container", ["true"], null, Stop));
        // This server opens no web sockets; that it could say so shows that it was trusted and asked by its name.
        Assert.Equal((200, "api.inner"), (refused.StatusCode, _askedFor));
    }

    private static X509Certificate2 Certificate(string subject, X509Certificate2? issuer, string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(issuer is null, false, 0, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        var from = TimeProvider.System.GetUtcNow().AddDays(-1);
        if (issuer is null) return request.CreateSelfSigned(from, from.AddDays(10));
        using var signed = request.Create(issuer, from, from.AddDays(5), RandomNumberGenerator.GetBytes(8));
        using var withKey = signed.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), null);
    }

    private static async Task<ConfigMap> AskAsync(KubernetesClientConfiguration configuration)
    {
        using var client = new KubernetesClient(configuration, new KubernetesClientOptions { MaximumRetries = 0 });
        return (await client.GetAsync<ConfigMap>("ns", "a", Stop))!;
    }

    private static async Task RefusedAsync(KubernetesClientConfiguration configuration)
    {
        var exception = await Assert.ThrowsAsync<KubernetesApiException>(() => AskAsync(configuration));
        Assert.Contains("certificate", exception.ToString(), StringComparison.OrdinalIgnoreCase);
    }

    private KubernetesClientConfiguration Configuration() => new() { Server = _url, CertificateAuthorities = [X509CertificateLoader.LoadCertificate(_authority.RawData)] };

    private sealed class CertificateOfTheHour(X509Certificate2 certificate) : IKubernetesCredentials
    {
        public ValueTask<KubernetesCredential> GetAsync(CancellationToken cancellationToken) => ValueTask.FromResult(new KubernetesCredential { Certificate = certificate });

        public bool Refuse(KubernetesCredential refused) => false;
    }
}
