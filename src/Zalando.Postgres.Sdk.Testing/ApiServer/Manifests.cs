namespace Zalando.Postgres.Sdk.Testing.ApiServer;

/// <summary>Manifests for tests, as YAML.</summary>
public static class Manifests
{
    /// <summary>A PostgreSQL cluster with as little in it as the definition allows.</summary>
    /// <param name="name">Name of the cluster. Its team is what stands before the first hyphen.</param>
    /// <param name="instances">Number of pods.</param>
    /// <param name="namespaceName">Namespace.</param>
    public static string Minimal(string name, int instances = 1, string namespaceName = "default")
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return $$"""
            apiVersion: acid.zalan.do/v1
            kind: postgresql
            metadata:
              name: {{name}}
              namespace: {{namespaceName}}
            spec:
              teamId: {{name.Split('-')[0]}}
              numberOfInstances: {{instances}}
              postgresql:
                version: "17"
              volume:
                size: 1Gi

            """;
    }

    /// <summary>A stateful set with one container, and its headless service.</summary>
    /// <param name="name">Name of both.</param>
    /// <param name="replicas">Number of pods.</param>
    /// <param name="namespaceName">Namespace.</param>
    public static string StatefulSet(string name, int replicas = 1, string namespaceName = "default")
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return $$"""
            apiVersion: v1
            kind: Service
            metadata: { name: {{name}}, namespace: {{namespaceName}} }
            spec: { clusterIP: None, selector: { app: {{name}} }, ports: [{ port: 5432 }] }
            ---
            apiVersion: apps/v1
            kind: StatefulSet
            metadata: { name: {{name}}, namespace: {{namespaceName}} }
            spec:
              serviceName: {{name}}
              replicas: {{replicas}}
              selector: { matchLabels: { app: {{name}} } }
              template:
                metadata: { labels: { app: {{name}} } }
                spec: { containers: [{ name: main, image: "registry.example.com/main:1" }] }

            """;
    }
}
