namespace Zalando.Postgres.Sdk.Resources.Configuration;

/// <summary>Where the operator's parameters come from. The reference operator has other defaults for each.</summary>
public enum ConfigurationForm
{
    /// <summary>An <see cref="OperatorConfiguration"/> object in the API server.</summary>
    CustomResource,

    /// <summary>A ConfigMap with one key per parameter, or nothing at all.</summary>
    ConfigMap,
}
