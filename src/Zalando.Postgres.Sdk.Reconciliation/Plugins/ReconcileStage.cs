namespace Zalando.Postgres.Sdk.Reconciliation.Plugins;

/// <summary>When in a pass an <see cref="IReconcileStep"/> runs.</summary>
public enum ReconcileStage
{
    /// <summary>Before the plan is executed.</summary>
    BeforeChanges,

    /// <summary>After all changes of the plan were made.</summary>
    AfterChanges,

    /// <summary>While the cluster is being deleted, before its objects go.</summary>
    BeforeDeletion,
}
