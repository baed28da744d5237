using System.Text.Json;
using System.Text.Json.Serialization;

namespace Zalando.Postgres.Sdk.Resources;

/// <summary>A database with schemas, extensions and a set of roles: <c>owner</c>, <c>writer</c>, <c>reader</c>.</summary>
public sealed record PreparedDatabase
{
    /// <summary>Makes login roles for owner, writer and reader, each with a Secret. Default: false.</summary>
    [JsonPropertyName("defaultUsers")]
    public bool? DefaultUsers { get; init; }

    /// <summary>Extensions by name, with the schema of each. Default: none.</summary>
    [JsonPropertyName("extensions")]
    public IReadOnlyDictionary<string, string>? Extensions { get; init; }

    /// <summary>Schemas by name. Default, also when empty: one named <c>data</c>.</summary>
    [JsonPropertyName("schemas")]
    public IReadOnlyDictionary<string, PreparedSchema?>? Schemas { get; init; }

    /// <summary>Namespace of the Secrets; needs <c>enable_cross_namespace_secret</c>. Default: the cluster's.</summary>
    [JsonPropertyName("secretNamespace")]
    public string? SecretNamespace { get; init; }

    /// <summary>Fields that this version of the type does not know; kept as they came.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? UnknownFields { get; set; }
}
