using System.Text;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Testing.ApiServer.Admission;
using Zalando.Postgres.Sdk.Testing.ApiServer.Kinds;
using Zalando.Postgres.Sdk.Testing.ApiServer.Ownership;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Pipeline;

/// <summary>What happens to an object between a request and the store: metadata, defaults, admission, validation, finalizers, versions.
/// Every member takes the store's gate.</summary>
internal sealed class ObjectPipeline
{
    private readonly ObjectStore _store;
    private readonly KindRegistry _kinds;
    private readonly ApiServerOptions _options;
    private const string SuffixLetters = "bcdfghjklmnpqrstvwxz2456789";
    private readonly Random _random;
    private readonly ObjectPreparation _preparation;

    public ObjectPipeline(ObjectStore store, KindRegistry kinds, ApiServerOptions options)
    {
        _store = store;
        _kinds = kinds;
        _options = options;
        _random = options.Random ?? Random.Shared;
        Admission = new(store, kinds, options);
        _preparation = new(this, store, kinds, options);
    }

    /// <summary>Hooks and webhooks.</summary>
    public AdmissionStage Admission { get; }

    /// <summary>Whether a controller makes the default service account of each namespace.</summary>
    public bool ServiceAccountsAreMade => _options.Controllers is null || _options.Controllers.Any(static c => c.StartsWith("serviceaccount", StringComparison.Ordinal));

    public ObjectStore Store => _store;

    public KindRegistry Kinds => _kinds;

    public ObjectPreparation Preparation => _preparation;

    public string Now => _options.TimeProvider.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'");

    public static StorageKey Key(ServedKind kind, string? namespaceName, string name) => new(kind.Kind.Namespaced ? namespaceName ?? "" : "", name);

    public StoredObject? Find(ServedKind kind, string? namespaceName, string name)
    {
        lock (_store.Gate) return _store.Get(kind.Resource, Key(kind, namespaceName, name));
    }

    public StoredObject Get(ServedKind kind, string? namespaceName, string name) => Find(kind, namespaceName, name) ?? throw StatusErrors.NotFound(kind.Kind, name);

    public StoredObject Create(ServedKind kind, string? namespaceName, JsonObject value, WriteContext context, bool owned = false)
    {
        lock (_store.Gate)
        {
            var metadata = value.Metadata();
            CheckNamespace(kind, namespaceName, value);
            if (metadata.Text("resourceVersion") is { Length: > 0 } and not "0")
                throw StatusErrors.Internal("resourceVersion should not be set on objects to be created");
            _preparation.CheckNamespaceIsOpen(kind, namespaceName, value.Name());
            if (kind.Kind.Namespaced) metadata["namespace"] = namespaceName;
            else metadata.Remove("namespace");
            var generated = metadata.Text("name") is not { Length: > 0 } && metadata.Text("generateName") is { Length: > 0 };
            if (generated) metadata["name"] = GenerateName(metadata.Text("generateName")!);
            metadata.Remove("resourceVersion");
            metadata.Remove("selfLink");
            metadata.Remove("deletionTimestamp");
            metadata.Remove("deletionGracePeriodSeconds");
            metadata["uid"] = NewUid();
            metadata["creationTimestamp"] = Now;
            if (kind.HasGeneration) metadata["generation"] = JsonText.Number(1);
            value["kind"] = kind.Kind.Kind;
            value["apiVersion"] = kind.Kind.ApiVersion;
            _preparation.ForCreate(kind, value, context);
            var key = Key(kind, namespaceName, value.Name());
            if (_store.Get(kind.Resource, key) is not null) throw StatusErrors.AlreadyExists(kind.Kind, key.Name);
            _preparation.Allocate(kind, value, null, context.DryRun);
            if (!owned && !context.IsInternal)
            {
                var owners = FieldOwners.Of([]);
                owners.Updated(context.FieldManager, kind, null, new JsonObject { ["metadata"] = new JsonObject() }, WithoutServerFields(kind, value), Now);
                owners.Write(value);
            }

            if (context.DryRun) return new StoredObject(key, value, 0, null);
            return _store.Put(kind.Resource, key, ToStorage(kind, value));
        }
    }

    /// <summary>Changes an object. <paramref name="change"/> gets a copy of the stored state and returns the wanted one.</summary>
    /// <param name="kind">Kind.</param>
    /// <param name="namespaceName">Namespace.</param>
    /// <param name="name">Name.</param>
    /// <param name="subresource"><c>status</c>, or null for the object itself; others say what they change themselves.</param>
    /// <param name="change">From the stored object to the wanted one.</param>
    /// <param name="context">Who and how.</param>
    /// <param name="owned">Whether the owners of fields are noted already.</param>
    /// <param name="needsVersion">Whether a missing version is refused for the kinds that want one.</param>
    public StoredObject Update(ServedKind kind, string? namespaceName, string name, string? subresource, Func<JsonObject, JsonObject> change, WriteContext context, bool needsVersion, bool owned = false)
    {
        lock (_store.Gate)
        {
            var key = Key(kind, namespaceName, name);
            var stored = _store.Get(kind.Resource, key) ?? throw StatusErrors.NotFound(kind.Kind, name);
            var old = InVersion(kind, stored.Value);
            var value = change(old.CopyObject());
            var metadata = value.Metadata();
            CheckName(kind, namespaceName, name, value);
            CheckUid(kind, stored, key, metadata.Text("uid"), patched: !needsVersion && !context.IsInternal);
            CheckVersion(kind, stored, metadata, needsVersion);
            var oldMetadata = old.Object("metadata");
            var doomed = metadata.Text("deletionTimestamp") is { } wish && wish != oldMetadata.Text("deletionTimestamp") && !context.IsInternal ? wish : null;
            foreach (var field in (ReadOnlySpan<string>)["uid", "resourceVersion", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation", "generateName"])
            {
                metadata.Put(field, oldMetadata is not null && oldMetadata.TryGetPropertyValue(field, out var kept) ? kept?.DeepClone() : null);
            }

            metadata.Remove("selfLink");
            if (kind.Kind.Namespaced) metadata["namespace"] = namespaceName;
            value["kind"] = kind.Kind.Kind;
            value["apiVersion"] = kind.Kind.ApiVersion;
            var given = metadata["managedFields"]?.DeepClone();
            _preparation.ForUpdate(kind, old, ref value, subresource, context, doomed);
            metadata = value.Metadata();
            if (owned) metadata.Put("managedFields", given);
            if (kind.HasGeneration && subresource is null or "scale" or "resize" && kind.HasGeneration && _preparation.ChangesGeneration(kind, old, value))
                metadata["generation"] = JsonText.Number((oldMetadata.Whole("generation") ?? 0) + 1);
            if (!owned && !context.IsInternal)
            {
                var owners = FieldOwners.Of(old);
                owners.Updated(context.FieldManager, kind, subresource, old, value, Now);
                owners.Write(value);
            }
            else if (!owned) metadata.Put("managedFields", oldMetadata?["managedFields"]?.DeepClone());

            if (JsonNode.DeepEquals(old, value)) return stored;
            _preparation.Allocate(kind, value, old, context.DryRun);
            if (context.DryRun) return new StoredObject(key, value, stored.Version, null);
            if (IsFinished(kind, value))
            {
                // Watches are shown the object as it was stored, the last finalizer included.
                _preparation.Release(kind, value);
                _store.Remove(kind.Resource, key);
                return new StoredObject(key, value, stored.Version, null);
            }

            return _store.Put(kind.Resource, key, ToStorage(kind, value));
        }
    }

    /// <summary>Deletes an object, or starts its deletion.</summary>
    /// <returns>The last state, and whether it is gone.</returns>
    public (StoredObject Object, bool Removed) Delete(ServedKind kind, string? namespaceName, string name, DeleteOptions delete, WriteContext context)
    {
        lock (_store.Gate)
        {
            var key = Key(kind, namespaceName, name);
            var stored = _store.Get(kind.Resource, key) ?? throw StatusErrors.NotFound(kind.Kind, name);
            if (delete.Uid is { } uid && uid != stored.Value.Uid())
                throw StatusErrors.PreconditionFailed(kind.Kind, name, $"the UID in the precondition ({uid}) does not match the UID in record ({stored.Value.Uid()}). The object might have been deleted and then recreated");
            if (delete.ResourceVersion is { } version && version != stored.Version.ToString())
                throw StatusErrors.PreconditionFailed(kind.Kind, name, $"the ResourceVersion in the precondition ({version}) does not match the ResourceVersion in record ({stored.Version}). The object might have been modified");
            _preparation.CheckDelete(kind, stored.Value, context);
            Admission.Validate(kind, null, "DELETE", null, InVersion(kind, stored.Value), context);
            var dryRun = delete.DryRun || context.DryRun;
            var value = InVersion(kind, stored.Value).CopyObject();
            var metadata = value.Metadata();
            var started = metadata.Text("deletionTimestamp") is not null;
            SetPolicyFinalizers(kind, value, delete, context);
            var pod = kind.Resource == "pods";
            var definition = kind.Resource == "customresourcedefinitions.apiextensions.k8s.io";
            if (definition && !started) CustomDefinitions.StartDeletion(value, Now);
            long grace = 0;
            if (pod) grace = PodGrace(value, delete, started);
            if (kind.Resource == "namespaces" && !started) _preparation.StartNamespaceDeletion(value);
            var stays = value.HasFinalizers() || grace > 0 || (kind.Resource == "namespaces" && value.Object("spec").Array("finalizers") is { Count: > 0 });
            if (!stays && !pod)
            {
                if (dryRun) return (new StoredObject(key, value, stored.Version, null), true);
                _preparation.Release(kind, stored.Value);
                return (_store.Remove(kind.Resource, key), true);
            }

            var deadline = _options.TimeProvider.GetUtcNow().AddSeconds(grace).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'");
            if (!started)
            {
                metadata["deletionTimestamp"] = deadline;
                if (kind.Resource != "namespaces" && !definition) metadata["deletionGracePeriodSeconds"] = JsonText.Number(grace);
                if (kind.HasGeneration && !definition) metadata["generation"] = JsonText.Number((metadata.Whole("generation") ?? 0) + 1);
            }
            else if (pod && metadata.Whole("deletionGracePeriodSeconds") is { } oldGrace && grace < oldGrace)
            {
                metadata["deletionTimestamp"] = deadline;
                metadata["deletionGracePeriodSeconds"] = JsonText.Number(grace);
            }

            var changed = !JsonNode.DeepEquals(InVersion(kind, stored.Value), value);
            if (dryRun) return (new StoredObject(key, value, stored.Version, null), !stays);
            if (changed) stored = _store.Put(kind.Resource, key, ToStorage(kind, value));
            if (stays) return (stored, false);
            return (_store.Remove(kind.Resource, key), true);
        }
    }

    public ListResult List(ServedKind kind, string? namespaceName, ListQuery query)
    {
        lock (_store.Gate)
        {
            var version = _store.Version;
            string? start = null;
            IEnumerable<StoredObject> source;
            if (query.Continue is { Length: > 0 } token)
            {
                if (query.ResourceVersion is { Length: > 0 } and not "0") throw StatusErrors.BadRequest("specifying resource version is not allowed when using continue");
                (version, start) = ReadToken(token);
                if (version < 0) version = _store.Version;
                if (version < _store.CompactedVersion && !_store.CanListAt(version))
                    throw StatusErrors.Expired("The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.")
                        .WithDetails(new JsonObject { ["continue"] = Token(-1, start) });
                source = _store.ListAt(kind.Resource, namespaceName, version);
            }
            else
            {
                var wanted = CheckListVersion(query);
                if (wanted is { } exact)
                {
                    if (exact < _store.CompactedVersion) throw StatusErrors.Expired("The resourceVersion for the provided list is too old.");
                    version = exact;
                }

                source = _store.ListAt(kind.Resource, namespaceName, version);
            }

            var limit = query.ResourceVersion == "0" && query.Match is null && query.Continue is null or { Length: 0 } ? 0 : query.Limit;
            var all = query.Labels.IsEverything && query.Fields.IsEverything;
            var items = new List<StoredObject>();
            string? next = null;
            long rest = 0;
            foreach (var stored in source)
            {
                if (start is not null && stored.Key.ToString() is var text && Before(text, start)) continue;
                if (!all && (!query.Labels.Matches(stored.Value) || !query.Fields.Matches(stored.Value))) continue;
                if (limit > 0 && items.Count >= limit)
                {
                    next ??= stored.Key.ToString();
                    rest++;
                    if (!all) break;
                    continue;
                }

                items.Add(stored);
            }

            return new ListResult(items, version, next is null ? null : Token(version, next), next is not null && all ? rest : null);
        }
    }

    /// <summary>An object of a collection as the asked version shows it.</summary>
    public static JsonObject InVersion(ServedKind kind, JsonObject stored)
    {
        if (stored.Text("apiVersion") == kind.Kind.ApiVersion) return stored;
        var value = stored.CopyObject();
        if (kind.Resource == "events") return EventForms.To(kind.Kind, value);
        value["apiVersion"] = kind.Kind.ApiVersion;
        return value;
    }

    /// <summary>The version the store keeps: that of the kind that was used to write, but one form for both groups of events.</summary>
    private static JsonObject ToStorage(ServedKind kind, JsonObject value) =>
        kind.Resource == "events" && kind.Kind.Group.Length > 0 ? EventForms.To(KubernetesKinds.Event, value) : value;

    /// <summary>What the server itself fills in has no owner.</summary>
    private static JsonObject WithoutServerFields(ServedKind kind, JsonObject value)
    {
        if (!kind.HasStatus) return value;
        var copy = value.CopyObject();
        copy.Remove("status");
        if (kind.Resource == "namespaces") copy.Remove("spec");
        return copy;
    }

    public void CheckNamespace(ServedKind kind, string? namespaceName, JsonObject value)
    {
        if (!kind.Kind.Namespaced) return;
        if (value.Namespace() is { Length: > 0 } given && given != namespaceName)
            throw StatusErrors.BadRequest("the namespace of the provided object does not match the namespace sent on the request");
    }

    private void CheckName(ServedKind kind, string? namespaceName, string name, JsonObject value)
    {
        var given = value.Name();
        if (given.Length == 0) throw StatusErrors.BadRequest($"the name of the object ({name} based on URL) was undeterminable: name must be provided");
        if (given != name) throw StatusErrors.BadRequest($"the name of the object ({given}) does not match the name on the URL ({name})");
        CheckNamespace(kind, namespaceName, value);
    }

    private static void CheckUid(ServedKind kind, StoredObject stored, StorageKey key, string? uid, bool patched)
    {
        if (uid is { Length: > 0 } && uid != stored.Value.Uid())
        {
            if (patched)
            {
                var cause = new StatusCause("FieldValueInvalid", "metadata.uid", $"Invalid value: {StatusErrors.Quote(uid)}: field is immutable");
                throw StatusErrors.Invalid(kind.Kind, key.Name, [cause, cause]);
            }

            throw StatusErrors.Conflict(kind.Kind, key.Name,
                $"StorageError: invalid object, Code: 4, Key: /registry/{kind.Kind.Plural}/{key}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: {uid}, UID in object meta: {stored.Value.Uid()}");
        }
    }

    private static void CheckVersion(ServedKind kind, StoredObject stored, JsonObject metadata, bool needsVersion)
    {
        var version = metadata.Text("resourceVersion");
        if (version is null or "" or "0")
        {
            if (needsVersion && KindRules.PutNeedsVersion(kind))
            {
                // Here the real server names the resource where it usually names the kind.
                throw StatusErrors.Invalid(kind.Kind.Plural, kind.Kind.Group, metadata.Text("name") ?? "", [new("FieldValueInvalid", "metadata.resourceVersion", "Invalid value: 0: must be specified for an update")]);
            }

            return;
        }

        if (!ulong.TryParse(version, out var number)) throw StatusErrors.Internal($"strconv.ParseUint: parsing {StatusErrors.Quote(version)}: invalid syntax");
        if ((long)number != stored.Version) throw StatusErrors.Conflict(kind.Kind, stored.Key.Name);
    }

    private static bool IsFinished(ServedKind kind, JsonObject value)
    {
        if (!value.IsDeleting() || value.HasFinalizers()) return false;
        if (kind.Resource == "namespaces" && value.Object("spec").Array("finalizers") is { Count: > 0 }) return false;
        return (value.Object("metadata").Whole("deletionGracePeriodSeconds") ?? 0) == 0;
    }

    private static void SetPolicyFinalizers(ServedKind kind, JsonObject value, DeleteOptions delete, WriteContext context)
    {
        var policy = delete.PropagationPolicy ?? delete.OrphanDependents switch { true => "Orphan", false => "Background", null => null };
        var finalizers = value.Object("metadata").Array("finalizers").Texts().ToList();
        var before = finalizers.Count;
        if (policy is null)
        {
            if (finalizers.Contains("orphan") || finalizers.Contains("foregroundDeletion")) return;
            if (kind.Resource is "jobs.batch" or "replicationcontrollers")
            {
                policy = "Orphan";
                if (kind.Resource == "jobs.batch")
                    context.Warnings.Add("child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning");
            }
            else return;
        }

        finalizers.RemoveAll(static f => f is "orphan" or "foregroundDeletion");
        if (policy == "Orphan") finalizers.Add("orphan");
        if (policy == "Foreground") finalizers.Add("foregroundDeletion");
        if (finalizers.Count == before && !finalizers.Contains("orphan") && !finalizers.Contains("foregroundDeletion")) return;
        value.Metadata().Put("finalizers", finalizers.Count == 0 ? null : new JsonArray([.. finalizers.Select(static f => (JsonNode)JsonValue.Create(f))]));
    }

    private static long PodGrace(JsonObject pod, DeleteOptions delete, bool started)
    {
        var old = pod.Object("metadata").Whole("deletionGracePeriodSeconds");
        if (started && delete.GracePeriodSeconds is null) return old ?? 0;
        var spec = pod.Object("spec");
        var grace = delete.GracePeriodSeconds ?? spec.Whole("terminationGracePeriodSeconds") ?? 30;
        if (grace < 0) grace = 1;
        if (spec.Text("nodeName") is not { Length: > 0 } || pod.Object("status").Text("phase") is "Succeeded" or "Failed") grace = 0;
        return started ? Math.Min(old ?? grace, grace) : grace;
    }

    private long? CheckListVersion(ListQuery query)
    {
        if (query.ResourceVersion is not { Length: > 0 } text) return null;
        if (!ulong.TryParse(text, out var number))
            throw StatusErrors.BadRequest($"invalid resource version: resourceVersion: Invalid value: {StatusErrors.Quote(text)}: strconv.ParseUint: parsing {StatusErrors.Quote(text)}: invalid syntax");
        if (number == 0) return null;
        var version = (long)number;
        if (version > _store.Version) throw StatusErrors.TooLargeVersion(version, _store.Version);
        return query.Match == "Exact" || (query.Match is null && query.Limit > 0) ? version : null;
    }

    public string NewSuffix() => GenerateName("");

    private string GenerateName(string prefix)
    {
        Span<char> suffix = stackalloc char[5];
        lock (_random)
        {
            for (var i = 0; i < suffix.Length; i++) suffix[i] = SuffixLetters[_random.Next(SuffixLetters.Length)];
        }

        return string.Concat(prefix.AsSpan(0, Math.Min(prefix.Length, 58)), suffix);
    }

    private string NewUid()
    {
        Span<byte> bytes = stackalloc byte[16];
        lock (_random) _random.NextBytes(bytes);
        bytes[6] = (byte)((bytes[6] & 0x0f) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3f) | 0x80);
        return new Guid(bytes, bigEndian: true).ToString();
    }

    private static bool Before(string key, string start) => StorageKeyOf(key).CompareTo(StorageKeyOf(start)) < 0;

    private static StorageKey StorageKeyOf(string text)
    {
        var slash = text.IndexOf('/');
        return slash < 0 ? new("", text) : new(text[..slash], text[(slash + 1)..]);
    }

    private static string Token(long version, string start)
    {
        var json = new JsonObject { ["v"] = "meta.k8s.io/v1", ["rv"] = version, ["start"] = start };
        return Convert.ToBase64String(JsonText.Write(json)).TrimEnd('=').Replace('+', '-').Replace('/', '_');
    }

    private static (long Version, string Start) ReadToken(string token)
    {
        try
        {
            var text = token.Replace('-', '+').Replace('_', '/');
            var bytes = Convert.FromBase64String(text.PadRight((text.Length + 3) / 4 * 4, '='));
            var json = JsonText.ParseObject(bytes);
            return (json.Whole("rv") ?? -1, json.Text("start") ?? "");
        }
        catch (Exception e) when (e is FormatException or System.Text.Json.JsonException or InvalidCastException or DecoderFallbackException)
        {
            throw StatusErrors.BadRequest("invalid continue token: continue key is not valid: " + e.Message);
        }
    }
}
