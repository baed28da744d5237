using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Kubernetes.Yaml;
using Zalando.Postgres.Sdk.Resources;

namespace Zalando.Postgres.Sdk.Samples.Quickstart;

/// <summary>The objects of a manifest file: one cluster, and whatever it needs beside it (secrets, config maps).</summary>
internal sealed record ManifestFile(string Path, JsonObject Cluster, IReadOnlyList<JsonObject> Others)
{
    /// <exception cref="QuickstartException">The file cannot be used; the message says why and what to do.</exception>
    public static async Task<ManifestFile> ReadAsync(string path, CancellationToken cancellationToken)
    {
        string text;
        try
        {
            text = await File.ReadAllTextAsync(path, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new QuickstartException($"The manifest {path} cannot be read: {exception.Message} Give another one with --manifest FILE.", exception);
        }

        IReadOnlyList<JsonObject> objects;
        try
        {
            objects = KubernetesYaml.Parse(text);
        }
        catch (KubernetesYamlException exception)
        {
            throw new QuickstartException($"The manifest {path} is not valid YAML: {exception.Message}", exception);
        }

        var clusters = objects.Where(o => (string?)o["kind"] == Postgresql.Descriptor.Kind).ToList();
        if (clusters is not [var cluster])
        {
            throw new QuickstartException($"The manifest {path} holds {clusters.Count} objects of kind postgresql; exactly one is needed.");
        }

        return new ManifestFile(path, cluster, [.. objects.Where(o => o != cluster)]);
    }

    public string Name => (string?)Cluster["metadata"]?["name"] ?? "";

    public string Namespace => (string?)Cluster["metadata"]?["namespace"] ?? "default";

    /// <summary>What the manifest asks for; 1 when it is no number, which validation will say more about.</summary>
    public int Instances => Cluster["spec"]?["numberOfInstances"] is JsonValue value && int.TryParse(value.ToJsonString(), out var number) ? number : 1;
}
