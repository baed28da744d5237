using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Admission;

/// <summary>Code of a test that looks at objects before they are stored, as an admission webhook would: also at those the server's own controllers write.
/// It runs after the built-in defaults and before validation; what it adds is given defaults and validated again.</summary>
/// <remarks>Hooks run one at a time, in the order they were added, and must be quick. Safe to use from any thread.</remarks>
public sealed class AdmissionHooks
{
    private ImmutableArray<Hook> _hooks = [];

    internal AdmissionHooks()
    {
    }

    internal bool IsEmpty => _hooks.IsEmpty;

    /// <summary>Changes objects that are created or updated.</summary>
    /// <param name="resource">Resource, for example <c>pods</c>, <c>statefulsets.apps</c> or <c>pods/status</c>.</param>
    /// <param name="change">Changes the object in place.</param>
    /// <returns>Ends the hook when disposed.</returns>
    public IDisposable Mutate(string resource, Action<JsonObject> change)
    {
        ArgumentNullException.ThrowIfNull(resource);
        ArgumentNullException.ThrowIfNull(change);
        return Add(new Hook(true, r =>
        {
            if (r.Object is { } value && Concerns(resource, r)) change(value);
            return null;
        }));
    }

    /// <summary>Refuses objects that are created or updated.</summary>
    /// <param name="resource">Resource, for example <c>pods</c>, <c>statefulsets.apps</c> or <c>pods/status</c>.</param>
    /// <param name="check">Answers why the object is refused; null to let it pass.</param>
    /// <returns>Ends the hook when disposed.</returns>
    public IDisposable Validate(string resource, Func<JsonObject, string?> check)
    {
        ArgumentNullException.ThrowIfNull(resource);
        ArgumentNullException.ThrowIfNull(check);
        return Add(new Hook(false, r => r.Object is { } value && Concerns(resource, r) ? check(value) : null));
    }

    /// <summary>Sees every write, deletions included; may change the object, and may refuse it.</summary>
    /// <param name="hook">Answers why the write is refused; null to let it pass.</param>
    /// <returns>Ends the hook when disposed.</returns>
    public IDisposable Intercept(Func<AdmissionRequest, string?> hook)
    {
        ArgumentNullException.ThrowIfNull(hook);
        return Add(new Hook(true, hook));
    }

    internal void Run(AdmissionRequest request, bool mutating)
    {
        foreach (var hook in _hooks)
        {
            // A deletion has nothing to change: all hooks see it once, at the end.
            if (hook.Mutates != mutating && request.Operation != "DELETE") continue;
            if (hook.Run(request) is { } refusal)
                throw StatusErrors.Forbidden(request.Kind, request.Name, $"an admission hook of the test refused it: {refusal}");
        }
    }

    private static bool Concerns(string resource, AdmissionRequest request)
    {
        var suffix = request.Subresource is { } below ? "/" + below : "";
        return resource == request.Kind.Plural + suffix || resource == request.Kind.QualifiedName + suffix;
    }

    private Removal Add(Hook hook)
    {
        ImmutableInterlocked.Update(ref _hooks, static (hooks, added) => hooks.Add(added), hook);
        return new Removal(this, hook);
    }

    private sealed record Hook(bool Mutates, Func<AdmissionRequest, string?> Run);

    private sealed class Removal(AdmissionHooks owner, Hook hook) : IDisposable
    {
        public void Dispose() => ImmutableInterlocked.Update(ref owner._hooks, static (hooks, removed) => hooks.Remove(removed), hook);
    }
}
