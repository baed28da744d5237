using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Admission;

/// <summary>A write that is about to happen.</summary>
public sealed record AdmissionRequest
{
    /// <summary>Kind of the object.</summary>
    public required KubernetesKind Kind { get; init; }

    /// <summary>Subresource, for example <c>status</c>; null for the object itself.</summary>
    public string? Subresource { get; init; }

    /// <summary><c>CREATE</c>, <c>UPDATE</c>, <c>DELETE</c> or <c>CONNECT</c>.</summary>
    public required string Operation { get; init; }

    /// <summary>Namespace; null for a kind without.</summary>
    public string? Namespace { get; init; }

    /// <summary>Name of the object.</summary>
    public required string Name { get; init; }

    /// <summary>The object as it would be stored, with its defaults; null for a deletion. Changes of it count in <see cref="AdmissionHooks.Intercept"/>.</summary>
    public JsonObject? Object { get; init; }

    /// <summary>The object as it is stored; null for a new one.</summary>
    public JsonObject? OldObject { get; init; }

    /// <summary>Who writes.</summary>
    public required RequestUser User { get; init; }

    /// <summary>Whether nothing will be stored.</summary>
    public bool DryRun { get; init; }
}
