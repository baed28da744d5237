namespace Zalando.Postgres.Sdk.Resources.Configuration;

/// <summary>Groups that mean the same as an absent group, although they are there.</summary>
internal static class GroupWithoutDefaults
{
    internal static KubernetesParameters Kubernetes(OperatorConfiguration configuration)
    {
        if (configuration.Form == ConfigurationForm.ConfigMap) return new KubernetesParameters();
        var settings = OperatorSettings.From(configuration).Kubernetes;
        return new KubernetesParameters
        {
            PdbNameFormat = settings.PdbNameFormat, SecretNameTemplate = settings.SecretNameTemplate, MasterPodMoveTimeout = DurationText.Format(settings.MasterPodMoveTimeout),
        };
    }

    internal static ScalyrParameters Scalyr(OperatorConfiguration configuration) => configuration.Form == ConfigurationForm.ConfigMap
        ? new ScalyrParameters()
        : new ScalyrParameters { ServerUrl = "", CpuRequest = "", MemoryRequest = "", CpuLimit = "", MemoryLimit = "" };
}
