using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Testing.ApiServer.Http;
using Zalando.Postgres.Sdk.Testing.ApiServer.Kinds;
using Zalando.Postgres.Sdk.Testing.ApiServer.Pipeline;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Admission;

/// <summary>Where a write meets hooks and webhooks.</summary>
internal sealed class AdmissionStage(ObjectStore store, KindRegistry kinds, ApiServerOptions options)
{
    private const int MostRounds = 20;
    private readonly WebhookRules _rules = new(store, kinds);
    private readonly WebhookClient _client = new(options);

    public AdmissionHooks Hooks { get; } = new();

    /// <summary>Does a write, and asks the webhooks it waits for. Must not be called under the store's gate.</summary>
    public T Admitted<T>(WriteContext context, Func<T> write)
    {
        if (context.Admission is null) return write();
        context.Admission.Reset();
        for (var round = 0; round < MostRounds; round++)
        {
            var warnings = context.Warnings.Count;
            try
            {
                return write();
            }
            catch (AdmissionPendingException pending)
            {
                // The warnings of this attempt come again with the next one.
                context.Warnings.RemoveRange(warnings, context.Warnings.Count - warnings);
                _client.Ask(pending, context);
            }
        }

        throw StatusErrors.InternalError("the object changed too often while webhooks were asked");
    }

    /// <summary>Lets hooks and mutating webhooks change an object. The answer is the object itself, or the changed one.</summary>
    public JsonObject Mutate(ServedKind kind, string? subresource, JsonObject value, JsonObject? old, WriteContext context)
    {
        if (context.Admission is not { } session || subresource is "scale" or "binding" or "finalize") return value;
        var webhooks = _rules.AreUsed(mutating: true);
        if (!webhooks && Hooks.IsEmpty) return value;
        var version = Version(old);
        if (session.Mutated(version) is { } mutated) return mutated.CopyObject();
        var request = Request(kind, subresource, old is null ? "CREATE" : "UPDATE", value.CopyObject(), old, context);
        Hooks.Run(request, mutating: true);
        var calls = webhooks ? _rules.Concerned(kind, request, mutating: true) : [];
        if (calls.Count > 0) throw new AdmissionPendingException(request, calls, true, version);
        // What a hook has put in is read like a request: in the server's own form.
        return JsonText.Canonical(request.Object!);
    }

    /// <summary>Lets hooks and validating webhooks refuse a write.</summary>
    public void Validate(ServedKind kind, string? subresource, string operation, JsonObject? value, JsonObject? old, WriteContext context)
    {
        if (context.Admission is not { } session) return;
        var webhooks = _rules.AreUsed(mutating: false);
        if (!webhooks && Hooks.IsEmpty) return;
        var version = Version(old);
        if (session.IsValidated(version)) return;
        var shown = value is null ? null : subresource == "scale" ? ScaleForm.Of(kind, value) : value.CopyObject();
        var request = Request(kind, subresource, operation, shown, old, context);
        Hooks.Run(request, mutating: false);
        var calls = webhooks ? _rules.Concerned(kind, request, mutating: false) : [];
        if (calls.Count > 0) throw new AdmissionPendingException(request, calls, false, version);
    }

    private static long Version(JsonObject? old) => long.TryParse(old.Object("metadata").Text("resourceVersion"), out var version) ? version : 0;

    private static AdmissionRequest Request(ServedKind kind, string? subresource, string operation, JsonObject? value, JsonObject? old, WriteContext context)
    {
        var named = value ?? old ?? [];
        return new AdmissionRequest
        {
            Kind = kind.Kind, Subresource = subresource, Operation = operation, Namespace = kind.Kind.Namespaced ? named.Namespace() : null, Name = named.Name(),
            Object = value, OldObject = old?.CopyObject(), User = context.User, DryRun = context.DryRun,
        };
    }
}
