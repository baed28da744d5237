using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Testing.Controllers;

/// <summary>The API server as its own controllers see it: in process, synchronous, as a member of <c>system:masters</c>, through the same
/// validation, defaulting and storage as a request over HTTP, and without an entry in the request log.</summary>
/// <remarks>Returned objects are copies. Failures are <see cref="ApiServer.ApiStatusException"/> with the code a client would get.</remarks>
public interface IApiAccess
{
    /// <summary>Reads one object; null when there is none.</summary>
    JsonObject? Get(KubernetesKind kind, string? namespaceName, string name);

    /// <summary>All objects of a namespace (null: of all), in order of their keys.</summary>
    IReadOnlyList<JsonObject> List(KubernetesKind kind, string? namespaceName);

    /// <summary>The built-in and custom kinds that are served now.</summary>
    IReadOnlyList<KubernetesKind> Kinds { get; }

    /// <summary>Creates an object.</summary>
    JsonObject Create(KubernetesKind kind, JsonObject value);

    /// <summary>Replaces an object, or its <c>status</c>. A stale <c>resourceVersion</c> is a conflict (409).</summary>
    JsonObject Update(KubernetesKind kind, JsonObject value, string? subresource = null);

    /// <summary>Deletes an object as a client would; false when there was none.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="namespaceName">Namespace, null for kinds without one.</param>
    /// <param name="name">Name.</param>
    /// <param name="options">The <c>DeleteOptions</c> body; null for the defaults of the kind.</param>
    bool Delete(KubernetesKind kind, string? namespaceName, string name, JsonObject? options = null);

    /// <summary>Calls <paramref name="onChange"/> for each stored change of any kind from now on, in order, on the thread that made it. Dispose to end.</summary>
    /// <param name="onChange">Event type as in a watch (<c>ADDED</c>, <c>MODIFIED</c>, <c>DELETED</c>), kind, the object (shared: do not change it), its state before.</param>
    IDisposable Subscribe(Action<ApiChange> onChange);
}
