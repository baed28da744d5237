using Zalando.Postgres.Sdk.Planning.Clusters;

namespace Zalando.Postgres.Sdk.Planning.StatefulSets;

/// <summary>Number of members after the limits of the configuration.</summary>
internal static class InstanceCount
{
    public static int Of(ClusterContext context)
    {
        var wanted = context.Spec.NumberOfInstances ?? 0;
        if (context.HasAnnotation(context.Settings.IgnoreInstanceLimitsAnnotationKey, "true")) return wanted;
        var (minimum, maximum) = (context.Settings.MinInstances, context.Settings.MaxInstances);
        if (context.IsStandby && wanted == 1) (minimum, maximum) = (1, 1);

        var result = wanted;
        if (maximum >= 0 && result > maximum) result = maximum;
        if (minimum >= 0 && result < minimum) result = minimum;
        return result;
    }
}
