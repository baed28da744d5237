using System.Text.Json;
using System.Text.Json.Serialization;

namespace Zalando.Postgres.Sdk.Resources;

/// <summary>More about a role of <c>users</c>. An addition of this operator.</summary>
public sealed record UserOptions
{
    /// <summary>Roles it is a member of, besides those the operator grants. Default: none.</summary>
    [JsonPropertyName("memberOf")]
    public IReadOnlyList<string>? MemberOf { get; init; }

    /// <summary><c>present</c>, or <c>absent</c> to take the login away and remove the role once it owns nothing. Default: <c>present</c>.</summary>
    [JsonPropertyName("state")]
    public string? State { get; init; }

    /// <summary>Fields that this version of the type does not know; kept as they came.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? UnknownFields { get; set; }
}
