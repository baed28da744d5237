namespace Zalando.Postgres.Sdk.Resources.Kubernetes;

/// <summary>An object that an API server stores: it has a kind and metadata.</summary>
public interface IKubernetesObject
{
    /// <summary>Group and version, for example <c>apps/v1</c>.</summary>
    string ApiVersion { get; }

    /// <summary>Kind, for example <c>StatefulSet</c>.</summary>
    string Kind { get; }

    /// <summary>Name, namespace, labels and what the server adds. Never null; empty when the JSON has none.</summary>
    ObjectMeta Metadata { get; }
}
