using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Kubernetes.Client;

/// <summary>Access to one API server. Every call has a deadline of its own; failures the server reports are <see cref="KubernetesApiException"/>.</summary>
/// <remarks>
/// Typed members work on the kinds of the Resources package and on any type that implements <see cref="IKubernetesObject{TSelf}"/>;
/// the untyped ones take a <see cref="KubernetesKind"/> and work on JSON, for foreign kinds. Namespaces are null for kinds without one.
/// </remarks>
public interface IKubernetesClient
{
    /// <summary>Reads one object; null when there is none.</summary>
    Task<T?> GetAsync<T>(string? namespaceName, string name, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T>;

    /// <summary>Reads all objects of a namespace (null: of all), page by page.</summary>
    Task<KubernetesList<T>> ListAsync<T>(string? namespaceName, ListOptions? options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T>;

    /// <summary>Like <see cref="ListAsync{T}"/>, a page at a time, so that no more than a page is in memory.</summary>
    async IAsyncEnumerable<KubernetesListPage<T>> ListPagesAsync<T>(string? namespaceName, ListOptions? options, [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T>
    {
        var list = await ListAsync<T>(namespaceName, options, cancellationToken).ConfigureAwait(false);
        yield return new KubernetesListPage<T>(list.Items, list.ResourceVersion, list.Unreadable, IsLast: true);
    }

    /// <summary>One watch request: the events until the server ends it. Resumption and relists are the business of <c>ResourceCache</c>.</summary>
    IAsyncEnumerable<WatchEvent<T>> WatchAsync<T>(string? namespaceName, WatchOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T>;

    /// <summary>Creates an object in the namespace of its metadata.</summary>
    Task<T> CreateAsync<T>(T value, WriteOptions? options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T>;

    /// <summary>Replaces an object (PUT); <paramref name="subresource"/> for example <c>status</c>.</summary>
    Task<T> ReplaceAsync<T>(T value, string? subresource, WriteOptions? options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T>;

    /// <summary>Changes an object by a patch; null for <paramref name="subresource"/> means the object itself.</summary>
    Task<T> PatchAsync<T>(string? namespaceName, string name, Patch patch, string? subresource, WriteOptions? options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T>;

    /// <summary>Deletes an object; false when there was none.</summary>
    Task<bool> DeleteAsync<T>(string? namespaceName, string name, DeleteOptions? options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T>;

    /// <summary>Reads one object as JSON; null when there is none.</summary>
    Task<JsonObject?> GetAsync(KubernetesKind kind, string? namespaceName, string name, CancellationToken cancellationToken);

    /// <summary>Reads a subresource as JSON, for example <c>scale</c> or <c>status</c>; null when there is no such object.</summary>
    /// <exception cref="NotSupportedException">This client cannot.</exception>
    Task<JsonObject?> GetAsync(KubernetesKind kind, string? namespaceName, string name, string? subresource, CancellationToken cancellationToken) =>
        subresource is null ? GetAsync(kind, namespaceName, name, cancellationToken) : throw new NotSupportedException($"{GetType().Name} does not read subresources");

    /// <summary>Reads all objects as JSON.</summary>
    Task<KubernetesList<JsonObject>> ListAsync(KubernetesKind kind, string? namespaceName, ListOptions? options, CancellationToken cancellationToken);

    /// <summary>Reads all objects as JSON, a page at a time.</summary>
    async IAsyncEnumerable<KubernetesListPage<JsonObject>> ListPagesAsync(KubernetesKind kind, string? namespaceName, ListOptions? options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var list = await ListAsync(kind, namespaceName, options, cancellationToken).ConfigureAwait(false);
        yield return new KubernetesListPage<JsonObject>(list.Items, list.ResourceVersion, list.Unreadable, IsLast: true);
    }

    /// <summary>One watch request over JSON.</summary>
    IAsyncEnumerable<WatchEvent<JsonObject>> WatchAsync(KubernetesKind kind, string? namespaceName, WatchOptions options, CancellationToken cancellationToken);

    /// <summary>Creates an object from JSON, or creates a subresource such as <c>eviction</c>, <c>binding</c> or <c>token</c> of the object it names.</summary>
    Task<JsonObject> CreateAsync(KubernetesKind kind, JsonObject value, string? subresource, WriteOptions? options, CancellationToken cancellationToken);

    /// <summary>Replaces an object from JSON.</summary>
    Task<JsonObject> ReplaceAsync(KubernetesKind kind, JsonObject value, string? subresource, WriteOptions? options, CancellationToken cancellationToken);

    /// <summary>Changes an object by a patch.</summary>
    Task<JsonObject> PatchAsync(KubernetesKind kind, string? namespaceName, string name, Patch patch, string? subresource, WriteOptions? options, CancellationToken cancellationToken);

    /// <summary>Deletes an object; false when there was none.</summary>
    Task<bool> DeleteAsync(KubernetesKind kind, string? namespaceName, string name, DeleteOptions? options, CancellationToken cancellationToken);

    /// <summary>Deletes all objects of a namespace (null for kinds without one, or for all namespaces) that the selectors choose, in one request.</summary>
    /// <remarks>Deleting <em>everything</em> needs no selector: pass <see cref="ListOptions"/> with care.</remarks>
    /// <exception cref="NotSupportedException">This client cannot.</exception>
    Task DeleteCollectionAsync(KubernetesKind kind, string? namespaceName, ListOptions selection, DeleteOptions? options, CancellationToken cancellationToken) =>
        throw new NotSupportedException($"{GetType().Name} does not delete collections");

    /// <summary>Whether the server offers a subresource of a kind, by its discovery documents; null for the kind itself.</summary>
    /// <returns>False too when this client cannot tell.</returns>
    Task<bool> OffersAsync(KubernetesKind kind, string? subresource, CancellationToken cancellationToken) => Task.FromResult(false);

    /// <summary>Runs a command in a container; its output is collected (bounded), or goes to streams of <see cref="ExecOptions"/> as it arrives.</summary>
    Task<ExecResult> ExecAsync(string namespaceName, string podName, string container, IReadOnlyList<string> command, ExecOptions? options, CancellationToken cancellationToken);

    /// <summary>Connects to a port of a pod through the server (subresource <c>portforward</c>, over a web socket). The caller disposes the stream, which ends the connection.</summary>
    /// <param name="namespaceName">Namespace of the pod.</param>
    /// <param name="podName">The pod.</param>
    /// <param name="port">Its port, 1 to 65535.</param>
    /// <param name="cancellationToken">Ends the attempt; the open stream does not listen to it.</param>
    /// <returns>What the pod sends and receives: for one reader and one writer at a time, asynchronously. A port where nothing listens is told by the first read.</returns>
    /// <exception cref="KubernetesApiException">The server refuses it, or the pod does not exist.</exception>
    /// <exception cref="NotSupportedException">This client cannot.</exception>
    Task<Stream> OpenPortAsync(string namespaceName, string podName, int port, CancellationToken cancellationToken) =>
        throw new NotSupportedException($"{GetType().Name} does not forward ports");

    /// <summary>Opens the log of a container as a stream; the caller disposes it.</summary>
    Task<Stream> OpenLogAsync(string namespaceName, string podName, string? container, LogOptions? options, CancellationToken cancellationToken);
}
