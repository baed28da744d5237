namespace Zalando.Postgres.Sdk.Resources.Configuration;

/// <summary>What the value of a parameter is, and so how it is written.</summary>
public enum ParameterKind
{
    /// <summary>True or false.</summary>
    Flag,

    /// <summary>A number of 32 bits.</summary>
    Integer,

    /// <summary>A number of 64 bits.</summary>
    LongInteger,

    /// <summary>A text.</summary>
    Text,

    /// <summary>A text with placeholders such as <c>{cluster}</c>.</summary>
    Template,

    /// <summary>A text that must not be shown.</summary>
    Secret,

    /// <summary>A quantity such as <c>500Mi</c>.</summary>
    Quantity,

    /// <summary>A duration such as <c>1h30m</c>.</summary>
    Duration,

    /// <summary>A name, or <c>namespace/name</c>.</summary>
    NamespacedName,

    /// <summary>Texts; in a ConfigMap joined by commas.</summary>
    TextList,

    /// <summary>Texts by name; in a ConfigMap <c>name:value</c> joined by commas.</summary>
    TextMap,

    /// <summary>Kubernetes containers; not in a ConfigMap.</summary>
    Containers,

    /// <summary>A Kubernetes probe; not in a ConfigMap.</summary>
    Probe,

    /// <summary>Definitions of infrastructure roles; in a ConfigMap one definition.</summary>
    InfrastructureRoles,
}
