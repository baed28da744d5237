using System.Text.Json;
using System.Text.Json.Nodes;
using Zalando.Postgres.Cli.CommandLine;
using Zalando.Postgres.Cli.Tests.CommandLine;
using Zalando.Postgres.Sdk.Kubernetes.Yaml;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;

namespace Zalando.Postgres.Cli.Tests.Conversion;

public sealed class ConvertCommandTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Deprecated_names_are_replaced_and_everything_else_stays_as_written()
    {
        var file = _directory.Write("a.yaml", """
            # our shop
            apiVersion: acid.zalan.do/v1
            kind: postgresql
            metadata:
              name: acid-shop   # do not rename
            spec:
              teamId: acid
              useLoadBalancer: true  # since 2019
              pod_priority_class_name: "high"
              podPriorityClassName: higher
              init_containers:
              - name: date
                image: busybox
              users:
                alice:   # no flags
                bob: []

            """);

        var (code, output, error) = await CommandLineRun.RunAsync("convert", "-f", file);

        Assert.Equal(ExitCodes.Success, code);
        Assert.Equal("""
            # our shop
            apiVersion: acid.zalan.do/v1
            kind: postgresql
            metadata:
              name: acid-shop   # do not rename
            spec:
              teamId: acid
              enableMasterLoadBalancer: true  # since 2019
              # pod_priority_class_name: "high"
              podPriorityClassName: higher
              initContainers:
              - name: date
                image: busybox
              users:
                alice: []  # no flags
                bob: []

            """, output);
        Assert.Equal(4, error.Trim().Split('\n').Length);
    }

    [Fact]
    public async Task A_configuration_as_ConfigMap_becomes_an_object_that_means_the_same()
    {
        var file = _directory.Write("cm.yaml", """
            apiVersion: v1
            kind: ConfigMap
            metadata:
              name: postgres-operator
            data:
              # eight were too few
              workers: "12"
              cluster_labels: "application:spilo,env:prod"
              # pod_environment_configmap: "default/my"
              resync_period: 45m
              enable_teams_api: "false"

            """);

        var (code, output, error) = await CommandLineRun.RunAsync("convert", "-f", file);

        Assert.Equal(ExitCodes.Success, code);
        Assert.Contains("  # eight were too few\n  workers: 12\n", output, StringComparison.Ordinal);
        Assert.Contains("# pod_environment_configmap: \"default/my\"", output, StringComparison.Ordinal);
        Assert.Contains("enable_master_load_balancer", error, StringComparison.Ordinal);
        var before = OperatorSettings.From(ConfigMapConfiguration.Read(new Dictionary<string, string> { ["workers"] = "12", ["cluster_labels"] = "application:spilo,env:prod", ["resync_period"] = "45m", ["enable_teams_api"] = "false" }));
        var after = OperatorSettings.From(Assert.Single(KubernetesYaml.Parse(output)).Deserialize(OperatorConfiguration.JsonTypeInfo)!);
        Assert.Equal(Flat(before), Flat(after));
    }

    private static SortedDictionary<string, string> Flat(OperatorSettings settings)
    {
        var values = new SortedDictionary<string, string>(StringComparer.Ordinal);
        Add("", settings, values);
        return values;
    }

    private static void Add(string path, object value, SortedDictionary<string, string> values)
    {
        foreach (var property in value.GetType().GetProperties().Where(p => p.GetIndexParameters().Length == 0 && p.Name != "EqualityContract" && !p.GetMethod!.IsStatic))
        {
            var item = property.GetValue(value);
            if (item is not null && item.GetType().Name.EndsWith("Settings", StringComparison.Ordinal)) Add($"{path}{property.Name}.", item, values);
            else values[path + property.Name] = item is System.Collections.IEnumerable list and not string ? string.Join(',', list.Cast<object>().Select(o => o.ToString()).Order(StringComparer.Ordinal)) : item?.ToString() ?? "";
        }
    }
}
