using System.Text;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Zalando.Postgres.Sdk.Planning.Json;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Planning;

/// <summary>Creates a Kubernetes object that does not exist.</summary>
/// <remarks>When it exists by now (409), observe and plan again.</remarks>
public sealed record CreateObject : PlannedChange
{
    /// <summary>Kind of the object.</summary>
    [JsonConverter(typeof(KubernetesKindJsonConverter))]
    public required KubernetesKind Kind { get; init; }

    /// <summary>The whole object. Bodies of Secrets hold passwords: show and store plans only through <see cref="PlanJson"/>, which masks them.</summary>
    public required JsonObject Body { get; init; }

    // Whoever writes a change into a log must not write passwords.
    /// <summary>Appends the members, values of Secrets and of variables that hold secrets hidden.</summary>
    /// <param name="builder">Takes the text.</param>
    protected override bool PrintMembers(StringBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        base.PrintMembers(builder);
        builder.Append(", Kind = ").Append(Kind).Append(", Body = ").Append(SecretMask.Mask(Kind, Body).ToJsonString());
        return true;
    }
}
