using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;

namespace Zalando.Postgres.Sdk.Kubernetes.Configuration;

/// <summary>What a request proves its caller with. Never printed.</summary>
public sealed class KubernetesCredential
{
    /// <summary>No proof.</summary>
    public static KubernetesCredential None { get; } = new();

    /// <summary>Value of the <c>Authorization</c> header; null for none.</summary>
    public AuthenticationHeaderValue? Authorization { get; init; }

    /// <summary>Certificate for new TLS connections; null for that of the configuration, if any.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <inheritdoc />
    public override string ToString() => "***";
}
