using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Planning.StatefulSets;

/// <summary>Environment of a container in the order it is sent, with the rule that an earlier name wins, whatever its case.</summary>
internal sealed class EnvironmentList
{
    private readonly List<EnvVar> _variables = [];
    private readonly HashSet<string> _names = new(StringComparer.OrdinalIgnoreCase);

    public IReadOnlyList<EnvVar> Variables => _variables;

    /// <summary>Adds a variable even if the name is there.</summary>
    public void Add(EnvVar variable)
    {
        _variables.Add(variable);
        _names.Add(variable.Name ?? "");
    }

    public void Add(string name, string? value) => Add(new EnvVar { Name = name, Value = value is { Length: > 0 } ? value : null });

    /// <summary>Adds a variable unless the name is there.</summary>
    public void AddMissing(EnvVar variable)
    {
        if (_names.Add(variable.Name ?? "")) _variables.Add(variable);
    }

    public void AddMissing(string name, string? value) => AddMissing(new EnvVar { Name = name, Value = value is { Length: > 0 } ? value : null });

    public static EnvVar FromSecret(string name, string secret, string key = "password") =>
        new() { Name = name, ValueFrom = new EnvVarSource { SecretKeyRef = new SecretKeySelector { Name = secret, Key = key } } };

    public static EnvVar FromField(string name, string path) =>
        new() { Name = name, ValueFrom = new EnvVarSource { FieldRef = new ObjectFieldSelector { ApiVersion = "v1", FieldPath = path } } };
}
