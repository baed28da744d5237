using Zalando.Postgres.Sdk.Planning.Clusters;
using Zalando.Postgres.Sdk.Planning.Json;
using Zalando.Postgres.Sdk.Planning.Pods;
using Zalando.Postgres.Sdk.Planning.Services;
using Zalando.Postgres.Sdk.Planning.Upgrade;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Planning.DisruptionBudgets;

/// <summary>Disruption budgets: one keeps the primary, one keeps pods with a critical operation.</summary>
internal static class DisruptionBudgetBuilder
{
    public const string CriticalOperationLabel = "critical-operation";

    public static PodDisruptionBudget Primary(ClusterContext context)
    {
        var kubernetes = context.Settings.Kubernetes;
        var least = IsOn(context) ? 1 : 0;
        // An unset node count counts as 0 here, as running fleets have it.
        if (!kubernetes.PdbMasterLabelSelector && least > 0 && context.Spec.Patroni?.SynchronousModeStrict == true)
            least = (int)Math.Clamp((context.Spec.Patroni.SynchronousNodeCount ?? 0) + 1, 1, int.MaxValue);
        return Build(
            context,
            kubernetes.PdbNameFormat.Replace("{cluster}", context.Name, StringComparison.Ordinal),
            new PodDisruptionBudgetSpec
            {
                MinAvailable = UpgradePlanner.IsUnderWay(context) ? DuringUpgrade(context, IntOrString.From(least)) : IntOrString.From(least),
                Selector = new LabelSelector { MatchLabels = PrimarySelector(context) },
            });
    }

    /// <summary>How many pods that budget keeps during an upgrade in place: all of them where it selects all.</summary>
    /// <param name="context">The cluster.</param>
    /// <param name="usual">How many it keeps otherwise.</param>
    public static IntOrString? DuringUpgrade(ClusterContext context, IntOrString? usual) =>
        IsOn(context) && !context.Settings.Kubernetes.PdbMasterLabelSelector ? IntOrString.From("100%") : usual;

    /// <summary>Whether the budget of the primary selects a pod, as it is labelled now.</summary>
    public static bool SelectsAsPrimary(ClusterContext context, DatabasePod pod) =>
        PrimarySelector(context).All(l => pod.Source.Text("metadata", "labels", l.Key) == l.Value);

    private static SortedDictionary<string, string> PrimarySelector(ClusterContext context) =>
        context.Settings.Kubernetes.PdbMasterLabelSelector ? context.BaseRoleLabels(ClusterRoles.Primary) : context.BaseLabels;

    public static PodDisruptionBudget CriticalOperation(ClusterContext context) => Build(
        context,
        $"postgres-{context.Name}-critical-op-pdb",
        new PodDisruptionBudgetSpec
        {
            MaxUnavailable = IsOn(context) ? IntOrString.From(0) : IntOrString.From("100%"),
            Selector = new LabelSelector { MatchLabels = ClusterContext.Merge(context.BaseLabels, [new(CriticalOperationLabel, "true")]) },
        });

    // The number in the manifest counts, not the limited one, as running fleets have it.
    private static bool IsOn(ClusterContext context) => context.Settings.Kubernetes.EnablePodDisruptionBudget && context.Spec.NumberOfInstances > 0;

    private static PodDisruptionBudget Build(ClusterContext context, string name, PodDisruptionBudgetSpec spec) =>
        new() { Metadata = context.Meta(name, context.FullLabels, context.InheritedAnnotations), Spec = spec };
}
