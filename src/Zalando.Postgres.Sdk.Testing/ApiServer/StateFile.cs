using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Kubernetes.Yaml;
using Zalando.Postgres.Sdk.Testing.ApiServer.Pipeline;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

namespace Zalando.Postgres.Sdk.Testing.ApiServer;

/// <summary>All objects as YAML documents, definitions of custom kinds first.</summary>
internal static class StateFile
{
    public static string Save(ObjectPipeline pipeline)
    {
        lock (pipeline.Store.Gate)
        {
            return KubernetesYaml.WriteAll(pipeline.Store.Resources.OrderBy(static r => r.StartsWith("customresourcedefinitions.", StringComparison.Ordinal) ? 0 : 1).ThenBy(static r => r, StringComparer.Ordinal)
                .SelectMany(r => pipeline.Store.List(r, null)).Select(static JsonNode? (o) => o.Value.DeepClone()).ToArray());
        }
    }

    /// <summary>Takes in what <see cref="Save"/> wrote.</summary>
    /// <exception cref="InvalidDataException">An object of a kind that is not known.</exception>
    public static void Load(ObjectPipeline pipeline, string yaml)
    {
        lock (pipeline.Store.Gate)
        {
            foreach (var document in KubernetesYaml.Parse(yaml))
            {
                var value = JsonText.Canonical(document);
                var kind = pipeline.Kinds.FindKind(value.Text("apiVersion") ?? "", value.Text("kind") ?? "")
                    ?? throw new InvalidDataException($"The state has an object of the unknown kind {value.Text("apiVersion")}/{value.Text("kind")}.");
                pipeline.Store.Load(kind.Resource, ObjectPipeline.Key(kind, value.Namespace(), value.Name()), value);
                if (kind.Kind.Kind == "CustomResourceDefinition") pipeline.Kinds.SetCustom(value, 0);
            }
        }
    }
}
