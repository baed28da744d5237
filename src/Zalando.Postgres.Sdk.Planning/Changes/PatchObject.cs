using System.Text;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Zalando.Postgres.Sdk.Planning.Json;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Planning;

/// <summary>Changes fields of a Kubernetes object in place with a JSON merge patch (RFC 7396): null removes a field, lists are replaced whole.</summary>
public sealed record PatchObject : PlannedChange
{
    /// <summary>Kind of the object.</summary>
    [JsonConverter(typeof(KubernetesKindJsonConverter))]
    public required KubernetesKind Kind { get; init; }

    /// <summary>The merge patch; only fields that change. Patches of Secrets hold passwords: show and store plans only through <see cref="PlanJson"/>.</summary>
    public required JsonObject Patch { get; init; }

    /// <summary>Subresource to patch, for example <c>status</c>; null for the object itself.</summary>
    public string? Subresource { get; init; }

    /// <summary>The <c>uid</c> the object must still have; null for any. Put into the patch's metadata it makes the server refuse (409) another object of the name.</summary>
    public string? Uid { get; init; }

    /// <summary>The <c>resourceVersion</c> the object must still have; null for any. Set where the patch was computed from lists that others may change.</summary>
    public string? ResourceVersion { get; init; }

    // Whoever writes a change into a log must not write passwords.
    /// <summary>Appends the members, values of Secrets and of variables that hold secrets hidden.</summary>
    /// <param name="builder">Takes the text.</param>
    protected override bool PrintMembers(StringBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        base.PrintMembers(builder);
        builder.Append(", Kind = ").Append(Kind).Append(", Patch = ").Append(SecretMask.Mask(Kind, Patch).ToJsonString());
        return true;
    }
}
