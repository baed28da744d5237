using Zalando.Postgres.Sdk.Resources.Configuration;

namespace Zalando.Postgres.Sdk.Resources.Tests.Configuration;

public sealed class OperatorEnvironmentTests
{
    [Fact]
    public void Without_variables_everything_has_its_default()
    {
        var environment = OperatorEnvironment.Read(new Dictionary<string, string> { ["CONFIG_MAP_NAME"] = "" });

        Assert.Equal(new OperatorEnvironment(), environment);
        Assert.Equal(TimeSpan.FromSeconds(4), environment.CrdReadyWaitInterval);
    }

    [Fact]
    public void Variables_override_parameters_and_nothing_else()
    {
        var environment = OperatorEnvironment.Read(new Dictionary<string, string> { ["WATCHED_NAMESPACE"] = "*", ["SCALYR_API_KEY"] = "k", ["CONFIG_MAP_NAME"] = "a/b", ["ENABLE_JSON_LOGGING"] = "TRUE" });
        var before = OperatorSettings.From(new OperatorConfiguration());

        var after = OperatorSettings.From(environment.Apply(new OperatorConfiguration()));

        Assert.Equal("*", after.Kubernetes.WatchedNamespace);
        Assert.Equal("k", after.Scalyr.ApiKey.Reveal());
        Assert.Equal(before.Kubernetes.SecretNameTemplate, after.Kubernetes.SecretNameTemplate);
        Assert.Equal(before.Kubernetes.MasterPodMoveTimeout, after.Kubernetes.MasterPodMoveTimeout);
        Assert.Equal(before.Scalyr.CpuLimit, after.Scalyr.CpuLimit);
        Assert.Equal(new NamespacedName("a", "b"), environment.ConfigMapName);
        Assert.False(environment.EnableJsonLogging);
    }

    [Fact]
    public void Every_variable_that_cannot_be_read_is_named()
    {
        var error = Assert.Throws<InvalidOperatorConfigurationException>(() => OperatorEnvironment.Read(new Dictionary<string, string> { ["CONFIG_MAP_NAME"] = "/", ["CRD_READY_WAIT_TIMEOUT"] = "soon" }));

        Assert.Equal(["CONFIG_MAP_NAME", "CRD_READY_WAIT_TIMEOUT"], error.Findings.Select(f => f.FieldPath));
    }
}
