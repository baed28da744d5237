using System.Text.Json;
using System.Text.Json.Serialization;

namespace Zalando.Postgres.Sdk.Resources;

/// <summary>PostgreSQL's major version and parameters.</summary>
public sealed record PostgresqlSection
{
    internal static readonly PostgresqlSection Empty = new();

    /// <summary>Major version, <c>14</c> to <c>18</c>. Raising it upgrades the cluster in place when <c>major_version_upgrade_mode</c> allows. Required.</summary>
    [JsonPropertyName("version")]
    public string? Version { get; init; }

    /// <summary>Server parameters by name; every value is a text. Default: those of the Spilo image.</summary>
    [JsonPropertyName("parameters")]
    public IReadOnlyDictionary<string, string>? Parameters { get; init; }

    /// <summary>Fields that this version of the type does not know; kept as they came.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? UnknownFields { get; set; }
}
