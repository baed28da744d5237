using System.Text;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Zalando.Postgres.Sdk.Planning.Json;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Planning;

/// <summary>Deletes a Kubernetes object and creates it again, because the API server does not allow the change in place.</summary>
/// <remarks>When the operator ends between the two calls, the next plan creates the missing object.</remarks>
public sealed record ReplaceObject : PlannedChange
{
    /// <summary>Kind of the object.</summary>
    [JsonConverter(typeof(KubernetesKindJsonConverter))]
    public required KubernetesKind Kind { get; init; }

    /// <summary>The whole new object.</summary>
    public required JsonObject Body { get; init; }

    /// <summary>What the deletion does to the objects that the old one owns.</summary>
    /// <value>Default: <see cref="DeletionPropagation.Orphan"/>, so that pods stay.</value>
    public DeletionPropagation Propagation { get; init; } = DeletionPropagation.Orphan;

    /// <summary>The <c>uid</c> of the object to delete; null for whatever has the name.</summary>
    public string? Uid { get; init; }

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
