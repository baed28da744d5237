using Zalando.Postgres.Sdk.Planning.Clusters;

namespace Zalando.Postgres.Sdk.Planning.StatefulSets;

/// <summary>Number of members after the limits of the configuration.</summary>
internal static class InstanceCount
{
    public static int Of(ClusterContext context, bool report = false)
    {
        var wanted = context.Spec.NumberOfInstances ?? 0;
        if (context.HasAnnotation(context.Settings.IgnoreInstanceLimitsAnnotationKey, "true")) return wanted;
        var (minimum, maximum) = (context.Settings.MinInstances, context.Settings.MaxInstances);
        if (context.IsStandby)
        {
            if (wanted == 1) (minimum, maximum) = (1, 1);
            else if (report && wanted > 1)
                context.Warn("StandbyInstances", "spec.numberOfInstances", "A standby cluster needs one member; more are started but take part in no failover of the source.", $"{wanted}");
        }

        var result = wanted;
        if (maximum >= 0 && result > maximum) result = maximum;
        if (minimum >= 0 && result < minimum) result = minimum;
        if (report && result != wanted)
            context.Inform("InstanceLimits", "spec.numberOfInstances", $"The operator configuration allows {Limits(minimum, maximum)}, so {result} are run.", $"{wanted}");
        return result;
    }

    private static string Limits(int minimum, int maximum) => (minimum >= 0, maximum >= 0) switch
    {
        (true, true) => $"{minimum} to {maximum} instances",
        (true, false) => $"{minimum} instances or more",
        _ => $"at most {maximum} instances",
    };
}
