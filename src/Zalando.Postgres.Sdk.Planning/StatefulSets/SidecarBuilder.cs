using Zalando.Postgres.Sdk.Planning.Clusters;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Planning.StatefulSets;

/// <summary>Containers beside the database: of the manifest, of the configuration, and the Scalyr one. The first of a name wins.</summary>
internal static class SidecarBuilder
{
    public static IEnumerable<Container> Build(ClusterContext context, ResourceDefaults defaults)
    {
        var names = new HashSet<string>(StringComparer.Ordinal) { ContainerResources.PostgresContainer };
        var index = 0;
        foreach (var container in Candidates(context, defaults))
        {
            index++;
            if (container.Name is { Length: > 0 } name && container.Image is { Length: > 0 } && !names.Add(name))
            {
                if (index > (context.Spec.Sidecars?.Count ?? 0))
                    context.Warn("SidecarSkipped", "sidecars", $"A container named {name} exists already; the one of the operator configuration is left out.", name);
                continue;
            }

            yield return Complete(context, Validated(context, container, "spec.sidecars", index - 1));
        }
    }

    /// <summary>Reports containers without name or image.</summary>
    public static Container Validated(ClusterContext context, Container container, string field, int index)
    {
        if (container.Name is not { Length: > 0 })
            context.Refuse("InvalidContainer", $"{field}[{index}].name", "A container needs a name.");
        else if (container.Image is not { Length: > 0 })
            context.Refuse("InvalidContainer", $"{field}[{index}].image", $"The container {container.Name} needs an image.");
        return container;
    }

    private static IEnumerable<Container> Candidates(ClusterContext context, ResourceDefaults defaults)
    {
        var settings = context.Settings;
        var own = context.Spec.Sidecars ?? [];
        for (var i = 0; i < own.Count; i++)
        {
            var sidecar = own[i];
            var name = sidecar.Name is { Length: > 0 } given ? given : $"sidecar-{i}";
            yield return new Container
            {
                Name = name,
                Image = sidecar.Image,
                ImagePullPolicy = "IfNotPresent",
                Resources = ContainerResources.Of(context, sidecar.Resources, defaults, name, $"spec.sidecars[{i}].resources"),
                Env = sidecar.Env,
                Ports = sidecar.Ports,
                Command = sidecar.Command,
            };
        }

        foreach (var container in settings.Sidecars) yield return container;
        foreach (var (name, image) in settings.SidecarDockerImages.OrderBy(s => s.Key, StringComparer.Ordinal))
        {
            yield return new Container
            {
                Name = name,
                Image = image,
                ImagePullPolicy = "IfNotPresent",
                Resources = ContainerResources.Of(context, null, defaults, name, "sidecar_docker_images"),
            };
        }

        var scalyr = settings.Scalyr;
        if (scalyr.ApiKey.Reveal().Length == 0 || scalyr.Image.Length == 0) yield break;
        var amounts = new ResourcesSection
        {
            Requests = new ResourceAmounts { Cpu = scalyr.CpuRequest, Memory = scalyr.MemoryRequest },
            Limits = new ResourceAmounts { Cpu = scalyr.CpuLimit, Memory = scalyr.MemoryLimit },
        };
        var variables = new List<EnvVar>
        {
            new() { Name = "SCALYR_API_KEY", Value = scalyr.ApiKey.Reveal() },
            new() { Name = "SCALYR_SERVER_HOST", Value = context.Name },
        };
        if (scalyr.ServerUrl.Length > 0) variables.Add(new EnvVar { Name = "SCALYR_SERVER_URL", Value = scalyr.ServerUrl });
        yield return new Container
        {
            Name = "scalyr-sidecar",
            Image = scalyr.Image,
            ImagePullPolicy = "IfNotPresent",
            Resources = ContainerResources.Of(context, amounts, defaults, "scalyr-sidecar", "scalyr"),
            Env = variables,
        };
    }

    private static Container Complete(ClusterContext context, Container container)
    {
        var users = context.Settings.Users;
        var variables = new EnvironmentList();
        variables.Add(EnvironmentList.FromField("POD_NAME", "metadata.name"));
        variables.Add(EnvironmentList.FromField("POD_NAMESPACE", "metadata.namespace"));
        variables.Add("POSTGRES_USER", users.SuperUserName);
        variables.Add(EnvironmentList.FromSecret("POSTGRES_PASSWORD", context.SecretName(users.SuperUserName)));
        foreach (var variable in container.Env ?? []) variables.AddMissing(variable);
        return container with
        {
            Env = variables.Variables,
            VolumeMounts = [.. container.VolumeMounts ?? [], PodVolumes.DataMount(context.Spec.Volume)],
        };
    }
}
