using System.Text.Json;
using System.Text.Json.Serialization;

namespace Zalando.Postgres.Sdk.Resources;

/// <summary>Server certificate, key and authorities from Secrets.</summary>
public sealed record TlsSection
{
    /// <summary>Secret mounted at <c>/tls</c>. Required; empty switches the section off.</summary>
    [JsonPropertyName("secretName")]
    public string? SecretName { get; init; }

    /// <summary>Key of the certificate in the Secret. Default: <c>tls.crt</c>.</summary>
    [JsonPropertyName("certificateFile")]
    public string? CertificateFile { get; init; }

    /// <summary>Key of the private key in the Secret. Default: <c>tls.key</c>.</summary>
    [JsonPropertyName("privateKeyFile")]
    public string? PrivateKeyFile { get; init; }

    /// <summary>Key of the authorities' certificates. Default: none.</summary>
    [JsonPropertyName("caFile")]
    public string? CaFile { get; init; }

    /// <summary>Secret that holds <c>caFile</c>, mounted at <c>/tlsca</c>. Default: <c>secretName</c>.</summary>
    [JsonPropertyName("caSecretName")]
    public string? CaSecretName { get; init; }

    /// <summary>Fields that this version of the type does not know; kept as they came.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? UnknownFields { get; set; }
}
