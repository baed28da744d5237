using System.Net;
using System.Security.Cryptography.X509Certificates;
using Zalando.Postgres.Sdk.Kubernetes.Configuration;

namespace Zalando.Postgres.Sdk.Kubernetes.Transport;

/// <summary>Adds the credential to each request, also to those that become web sockets, and tries once more with a fresh one after 401.</summary>
internal sealed class CredentialHandler(KubernetesClientConfiguration configuration, HttpMessageHandler inner, bool ownsInner) : DelegatingHandler(inner)
{
    private volatile X509Certificate2? _certificate;

    /// <summary>The certificate that came with the newest credential.</summary>
    public X509Certificate2? CurrentCertificate => _certificate;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Impersonate(request);
        if (configuration.Credentials is not { } credentials) return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        var credential = await credentials.GetAsync(cancellationToken).ConfigureAwait(false);
        var response = await SendAsync(request, credential, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode != HttpStatusCode.Unauthorized || !credentials.Refuse(credential)) return response;
        response.Dispose();
        return await SendAsync(request, await credentials.GetAsync(cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
    }

    protected override void Dispose(bool disposing)
    {
        if (ownsInner) base.Dispose(disposing);
    }

    private Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, KubernetesCredential credential, CancellationToken cancellationToken)
    {
        _certificate = credential.Certificate;
        request.Headers.Authorization = credential.Authorization;
        return base.SendAsync(request, cancellationToken);
    }

    private void Impersonate(HttpRequestMessage request)
    {
        if (configuration.Impersonate is not { } user) return;
        request.Headers.Add("Impersonate-User", user.User);
        foreach (var group in user.Groups) request.Headers.Add("Impersonate-Group", group);
        if (user.Uid is { } uid) request.Headers.Add("Impersonate-Uid", uid);
        foreach (var (key, values) in user.Extra)
        {
            foreach (var value in values) request.Headers.Add("Impersonate-Extra-" + Uri.EscapeDataString(key), value);
        }
    }
}
