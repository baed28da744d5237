using System.Diagnostics.CodeAnalysis;

namespace Zalando.Postgres.Sdk.Resources.Configuration;

/// <summary>What is known of one parameter of the operator.</summary>
/// <param name="Key">Name in its group and key in a ConfigMap, for example <c>docker_image</c>.</param>
/// <param name="Group">Group below <c>configuration</c>, for example <c>kubernetes</c>; empty for none.</param>
/// <param name="Kind">What its value is.</param>
/// <param name="Description">What it does.</param>
public sealed record ParameterDefinition(string Key, string Group, ParameterKind Kind, string Description)
{
    /// <summary>Default when a ConfigMap has no such key, in ConfigMap syntax; null for the empty value.</summary>
    public string? ConfigMapDefault { get; init; }

    /// <summary>Default that the API server writes when the group is there, in ConfigMap syntax; null for none.</summary>
    public string? SchemaDefault { get; init; }

    /// <summary>What counts instead of an empty value in an <see cref="OperatorConfiguration"/>, in ConfigMap syntax; null for nothing.</summary>
    public string? Fallback { get; init; }

    /// <summary>Whether absent differs from false.</summary>
    public bool IsTriState { get; init; }

    /// <summary>Regular expression of the schema; null for any text.</summary>
    [StringSyntax(StringSyntaxAttribute.Regex)]
    public string? Pattern { get; init; }

    /// <summary>The only values the schema allows; null for any.</summary>
    public IReadOnlyList<string>? AllowedValues { get; init; }

    /// <summary>Smallest number the schema allows; null for any.</summary>
    public long? Minimum { get; init; }

    /// <summary>Whether a ConfigMap can hold it.</summary>
    public bool InConfigMap { get; init; } = true;

    /// <summary>Path in an <see cref="OperatorConfiguration"/>: <c>configuration.kubernetes.cluster_labels</c>.</summary>
    public string Path => Group.Length == 0 ? $"configuration.{Key}" : $"configuration.{Group}.{Key}";
}
