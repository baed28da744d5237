namespace Zalando.Postgres.Sdk.Testing.Controllers;

/// <summary>A control loop: changes say which keys to look at, and a look at a key brings the world closer to what it should be.</summary>
internal abstract class Controller(ControllerContext context)
{
    /// <summary>Name as kube-controller-manager knows it, for example <c>statefulset</c>.</summary>
    public abstract string Name { get; }

    protected ControllerContext Context { get; } = context;

    protected IApiAccess Api => Context.Api;

    protected ObservedState State => Context.State;

    protected DateTimeOffset Now => Context.Time.GetUtcNow();

    /// <summary>Says by <paramref name="enqueue"/> which keys a change concerns.</summary>
    public abstract void Observe(ApiChange change, Action<ObjectKey> enqueue);

    /// <summary>Looks at one key.</summary>
    /// <returns>When to look again without a change; null for never.</returns>
    public abstract TimeSpan? Reconcile(ObjectKey key);
}
