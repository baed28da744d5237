using Zalando.Postgres.Sdk.Resources.Validation;

namespace Zalando.Postgres.Sdk.Resources.Configuration;

/// <summary>Combinations of parameters with which the operator must not start.</summary>
internal static class OperatorSettingsRules
{
    internal static void Check(OperatorConfiguration configuration, OperatorSettings settings, List<Finding> findings)
    {
        var form = configuration.Form;
        string Path(string key) => form == ConfigurationForm.ConfigMap ? $"data.{key}" : ParameterDefinitions.ByKey[key].Path;
        void Error(string key, string? value, string code, string rule, string advice) => findings.Add(new Finding
        {
            Severity = FindingSeverity.Error, FieldPath = Path(key), Value = value, Code = code, Rule = rule, Advice = advice,
        });

        if (settings.MinInstances > 0 && settings.MaxInstances > 0 && settings.MinInstances > settings.MaxInstances)
            Error("min_instances", $"{settings.MinInstances}", "InstanceLimits", $"must not be above max_instances ({settings.MaxInstances})", "Lower one or raise the other; -1 switches a limit off");
        if (settings.Workers < 1)
            Error("workers", $"{settings.Workers}", "Workers", "must be 1 or more", "Write the number of clusters to work on at the same time");
        if (settings.ConnectionPooler.NumberOfInstances < 1)
            Error("connection_pooler_number_of_instances", $"{settings.ConnectionPooler.NumberOfInstances}", "PoolerInstances", "must be 1 or more", "Two or more keep the pooler available while a node is drained");
        if (string.Equals(settings.ConnectionPooler.User, settings.Users.SuperUserName, StringComparison.Ordinal))
            Error("connection_pooler_user", settings.ConnectionPooler.User, "PoolerUser", "must differ from super_username", "Give the pooler a role of its own, for example pooler");
        if (settings.ResyncPeriod <= TimeSpan.Zero)
            Error("resync_period", DurationText.Format(settings.ResyncPeriod), "ResyncPeriod", "must be longer than zero", "30m is usual");
        if (settings.Timeouts.ResourceCheckInterval > settings.Timeouts.ResourceCheckTimeout)
            Error("resource_check_interval", DurationText.Format(settings.Timeouts.ResourceCheckInterval), "IntervalTimeout", $"must not exceed resource_check_timeout ({DurationText.Format(settings.Timeouts.ResourceCheckTimeout)})", "Shorten the interval");
        if (settings.Timeouts.PatroniApiCheckInterval > settings.Timeouts.PatroniApiCheckTimeout)
            Error("patroni_api_check_interval", DurationText.Format(settings.Timeouts.PatroniApiCheckInterval), "IntervalTimeout", $"must not exceed patroni_api_check_timeout ({DurationText.Format(settings.Timeouts.PatroniApiCheckTimeout)})", "Shorten the interval");
        if (settings.SetMemoryRequestToLimit && form == ConfigurationForm.ConfigMap)
        {
            foreach (var (key, text) in new[]
            {
                ("default_memory_request", settings.PostgresPodResources.DefaultMemoryRequest), ("default_memory_limit", settings.PostgresPodResources.DefaultMemoryLimit),
                ("scalyr_memory_request", settings.Scalyr.MemoryRequest), ("scalyr_memory_limit", settings.Scalyr.MemoryLimit),
            })
            {
                if (!Quantity.TryParse(text, out _))
                    Error(key, text, "MemoryToLimit", "must be a quantity when set_memory_request_to_limit is true", "Write an amount such as 500Mi, or switch set_memory_request_to_limit off");
            }
        }
        CheckNames(settings, Error);
        CheckDoubtful(settings, (key, value, code, rule, advice) => findings.Add(new Finding
        {
            Severity = FindingSeverity.Warning, FieldPath = Path(key), Value = value, Code = code, Rule = rule, Advice = advice,
        }));
    }

    // What the reference starts with in spite of the fault.
    private static void CheckDoubtful(OperatorSettings settings, Action<string, string?, string, string, string> warn)
    {
        foreach (var text in settings.MaintenanceWindows)
        {
            if (!MaintenanceWindow.TryParse(text, out _))
                warn("maintenance_windows", text, "MaintenanceWindow", "is no window and never opens", "For example 01:00-06:00 or Sat:20:00-23:59; times are UTC");
        }

        var resources = settings.PostgresPodResources;
        foreach (var (key, text) in new[]
        {
            ("default_cpu_request", resources.DefaultCpuRequest), ("default_cpu_limit", resources.DefaultCpuLimit), ("default_memory_request", resources.DefaultMemoryRequest), ("default_memory_limit", resources.DefaultMemoryLimit),
            ("min_cpu_limit", resources.MinCpuLimit), ("min_memory_limit", resources.MinMemoryLimit), ("max_cpu_request", resources.MaxCpuRequest), ("max_memory_request", resources.MaxMemoryRequest),
        })
        {
            if (text is not ("" or "0" or "null") && !Quantity.TryParse(text, out _)) warn(key, text, "Quantity", "must be a quantity", "Examples: 500m, 2, 512Mi");
        }

        foreach (var (key, text) in new[] { ("minimal_major_version", settings.MajorVersionUpgrade.MinimalMajorVersion), ("target_major_version", settings.MajorVersionUpgrade.TargetMajorVersion) })
        {
            if (text.Length > 0 && !int.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out _)) warn(key, text, "Version", "must be a major version, for example 18", "It counts as 0 otherwise");
        }
    }

    private static void CheckNames(OperatorSettings settings, Action<string, string?, string, string, string> error)
    {
        foreach (var definition in ParameterDefinitions.All)
        {
            if (definition.AllowedValues is not { } allowed || Chosen(settings, definition.Key) is not { } value) continue;
            if (!allowed.Contains(value, StringComparer.Ordinal))
                error(definition.Key, value, "AllowedValues", $"must be one of {string.Join(", ", allowed)}", "The reference operator would go on with another meaning or fail on every cluster");
        }
    }

    private static string? Chosen(OperatorSettings settings, string key)
    {
        var value = key switch
        {
            "major_version_upgrade_mode" => settings.MajorVersionUpgrade.Mode,
            "storage_resize_mode" => settings.Kubernetes.StorageResizeMode,
            "node_readiness_label_merge" => settings.Kubernetes.NodeReadinessLabelMerge,
            "pod_management_policy" => settings.Kubernetes.PodManagementPolicy,
            "external_traffic_policy" => settings.LoadBalancer.ExternalTrafficPolicy,
            "logical_backup_provider" => settings.LogicalBackup.Provider,
            "connection_pooler_mode" => settings.ConnectionPooler.Mode,
            _ => throw new InvalidOperationException($"The parameter {key} has allowed values but is not checked."),
        };
        return value.Length == 0 ? null : value;
    }
}
