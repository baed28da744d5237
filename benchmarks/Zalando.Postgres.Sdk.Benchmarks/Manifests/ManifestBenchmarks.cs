using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using BenchmarkDotNet.Attributes;
using Zalando.Postgres.Sdk.Kubernetes.Yaml;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Resources.Validation;

namespace Zalando.Postgres.Sdk.Benchmarks.Manifests;

/// <summary>1,000 manifests with every field a cluster can have: from text to records, and checked. Divide by 1,000 for one.</summary>
[MemoryDiagnoser]
public class ManifestBenchmarks
{
    /// <summary>Manifests per operation.</summary>
    public const int Manifests = 1000;

    private readonly string _yaml;
    private readonly byte[] _json;
    private readonly JsonObject _tree;
    private readonly Postgresql _record;
    private readonly OperatorSettings _settings = OperatorSettings.Defaults;
    private readonly OperatorConfiguration _configuration = new() { Form = ConfigurationForm.ConfigMap };

    /// <summary>Reads the fixture of the tests.</summary>
    public ManifestBenchmarks()
    {
        using var stream = typeof(ManifestBenchmarks).Assembly.GetManifestResourceStream("complete-cluster.yaml")!;
        using var reader = new StreamReader(stream);
        _yaml = reader.ReadToEnd().Split("\n---\n")[0];
        _tree = KubernetesYaml.Parse(_yaml)[0];
        _json = Encoding.UTF8.GetBytes(_tree.ToJsonString());
        _record = JsonSerializer.Deserialize(_json, Postgresql.JsonTypeInfo)!;
    }

    /// <summary>Bytes of one manifest as YAML and as JSON.</summary>
    public (int Yaml, int Json) Bytes => (Encoding.UTF8.GetByteCount(_yaml), _json.Length);

    [Benchmark]
    public int LoadJson() => Times(() => JsonSerializer.Deserialize(_json, Postgresql.JsonTypeInfo)!.Spec.Users!.Count);

    [Benchmark]
    public int LoadYaml() => Times(() => KubernetesYaml.Parse(_yaml)[0].Deserialize(Postgresql.JsonTypeInfo)!.Spec.Users!.Count);

    [Benchmark]
    public int WriteJson() => Times(() => JsonSerializer.SerializeToUtf8Bytes(_record, Postgresql.JsonTypeInfo).Length);

    [Benchmark]
    public int CheckRules() => Times(() => PostgresqlValidator.Validate(_record, _settings).Count);

    [Benchmark]
    public int CheckSchemaAndRules() => Times(() => ManifestValidator.Validate(_tree, _configuration).Count);

    private static int Times(Func<int> operation)
    {
        var sum = 0;
        for (var i = 0; i < Manifests; i++) sum += operation();
        return sum;
    }
}
