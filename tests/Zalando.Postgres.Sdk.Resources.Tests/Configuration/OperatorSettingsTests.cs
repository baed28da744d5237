using System.Text.Json;
using Zalando.Postgres.Sdk.Resources.Configuration;

namespace Zalando.Postgres.Sdk.Resources.Tests.Configuration;

public sealed class OperatorSettingsTests
{
    [Fact]
    public void There_are_186_parameters_in_22_leaves_and_14_groups()
    {
        Assert.Equal(186, ParameterDefinitions.All.Count);
        Assert.Equal(22, ParameterDefinitions.All.Count(p => p.Group.Length == 0));
        Assert.Equal(14, ParameterDefinitions.All.Select(p => p.Group).Where(g => g.Length > 0).Distinct().Count());
    }

    [Fact]
    public void Every_parameter_is_a_member_of_its_group_and_every_member_is_a_parameter()
    {
        var options = PostgresJsonContext.Default.Options;
        var declared = new List<string>();
        foreach (var property in options.GetTypeInfo(typeof(OperatorParameters)).Properties.Where(p => !p.IsExtensionData))
        {
            if (property.PropertyType.Name.EndsWith("Parameters", StringComparison.Ordinal))
                declared.AddRange(options.GetTypeInfo(property.PropertyType).Properties.Where(p => !p.IsExtensionData).Select(p => $"configuration.{property.Name}.{p.Name}"));
            else
                declared.Add($"configuration.{property.Name}");
        }

        Assert.Equal(ParameterDefinitions.All.Select(p => p.Path).Order(), declared.Order());
    }

    [Fact]
    public void Without_any_configuration_the_defaults_are_those_of_the_ConfigMap_form()
    {
        var settings = OperatorSettings.Defaults;

        Assert.Equal(8, settings.Workers);
        Assert.Equal(TimeSpan.FromMinutes(30), settings.ResyncPeriod);
        Assert.Equal("{username}.{cluster}.credentials.{tprkind}.{tprgroup}", settings.Kubernetes.SecretNameTemplate);
        Assert.True(settings.LoadBalancer.EnableMasterLoadBalancer);
        Assert.Equal("spilo", settings.Kubernetes.ClusterLabels["application"]);
        Assert.Equal(["admin", "cron_admin"], settings.TeamsApi.ProtectedRoleNames);
        Assert.Equal(180, settings.Users.PasswordRotationUserRetention);
        Assert.Null(settings.Kubernetes.SpiloRunAsUser);
    }

    [Fact]
    public void Without_groups_an_object_has_only_the_fallbacks()
    {
        var settings = OperatorSettings.From(new OperatorConfiguration());

        Assert.Equal(-1, settings.MinInstances);
        Assert.Equal("", settings.Kubernetes.SecretNameTemplate);
        Assert.Equal("spilo-role", settings.Kubernetes.PodRoleLabel);
        Assert.Equal(180, settings.Users.PasswordRotationUserRetention);
        Assert.False(settings.TeamsApi.EnablePostgresTeamCrd);
        Assert.Equal(TimeSpan.FromMinutes(10), settings.Kubernetes.MasterPodMoveTimeout);
    }

    [Fact]
    public void With_a_group_an_object_has_the_defaults_of_the_schema()
    {
        var configuration = JsonSerializer.Deserialize("""{"metadata":{"name":"x"},"configuration":{"kubernetes":{},"users":{},"teams_api":{},"connection_pooler":{"connection_pooler_number_of_instances":1},"workers":0}}""", OperatorConfiguration.JsonTypeInfo)!;

        var settings = OperatorSettings.From(configuration);

        Assert.Equal("{username}.{cluster}.credentials.{tprkind}.{tprgroup}", settings.Kubernetes.SecretNameTemplate);
        Assert.Equal(120, settings.Users.PasswordRotationUserRetention);
        Assert.True(settings.TeamsApi.EnablePostgresTeamCrd);
        Assert.Equal(TimeSpan.FromMinutes(20), settings.Kubernetes.MasterPodMoveTimeout);
        Assert.Equal(2, settings.ConnectionPooler.NumberOfInstances);
        Assert.Equal(8, settings.Workers);
    }

    [Fact]
    public void All_reasons_are_named_at_once()
    {
        var configuration = ConfigMapConfiguration.Read(new Dictionary<string, string>
        {
            ["workers"] = "0", ["min_instances"] = "5", ["max_instances"] = "2", ["connection_pooler_user"] = "postgres", ["resync_period"] = "soon",
        });

        var error = Assert.Throws<InvalidOperatorConfigurationException>(() => OperatorSettings.From(configuration));

        Assert.Equal(["data.resync_period", "data.min_instances", "data.workers", "data.connection_pooler_user"], error.Findings.Select(f => f.FieldPath));
    }

    [Fact]
    public void Texts_of_a_ConfigMap_are_read_in_the_syntax_of_the_reference()
    {
        var configuration = ConfigMapConfiguration.Read(
            new Dictionary<string, string>
            {
                ["workers"] = "0x10", ["spilo_runasuser"] = "101", ["enable_shm_volume"] = "", ["cluster_labels"] = "application:spilo, env:\"a,b\"",
                ["protected_role_names"] = "admin, cron", ["cluster_name_label"] = "", ["custom_service_annotations"] = "a:b:c", ["no_such"] = "1",
                ["infrastructure_roles_secrets"] = "secretname: monitoring, userkey: user, passwordkey: password",
            },
            out var findings);

        Assert.Equal(16, configuration.Configuration.Workers);
        Assert.Equal(101, configuration.Configuration.Kubernetes!.SpiloRunAsUser);
        Assert.Null(configuration.Configuration.EnableShmVolume);
        Assert.Equal("\"a,b\"", configuration.Configuration.Kubernetes.ClusterLabels!["env"]);
        Assert.Equal(["admin", " cron"], configuration.Configuration.TeamsApi!.ProtectedRoleNames!);
        Assert.Equal("default/monitoring", configuration.Configuration.Kubernetes.InfrastructureRolesSecrets![0].SecretName);
        Assert.Equal("", OperatorSettings.From(configuration).Kubernetes.ClusterNameLabel);
        Assert.Equal(["data.no_such", "data.custom_service_annotations"], findings.Select(f => f.FieldPath));
    }

    [Theory]
    [InlineData("30m", 1800)]
    [InlineData("1h30m", 5400)]
    [InlineData("1.5s", 1.5)]
    [InlineData("-10s", -10)]
    [InlineData("0", 0)]
    public void A_duration_is_read(string text, double seconds)
    {
        Assert.True(DurationText.TryParse(text, out var duration));
        Assert.Equal(seconds, duration.TotalSeconds);
        Assert.True(DurationText.TryParse(DurationText.Format(duration), out var again));
        Assert.Equal(duration, again);
    }

    [Theory]
    [InlineData("")]
    [InlineData("30")]
    [InlineData("1d")]
    [InlineData("s")]
    [InlineData("1.2.3s")]
    [InlineData("99999999999999999999h")]
    [InlineData("-")]
    public void Other_texts_are_no_durations(string text) => Assert.False(DurationText.TryParse(text, out _));
}
