using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Zalando.Postgres.Sdk.Kubernetes.Yaml;
using Zalando.Postgres.Sdk.Testing.ApiServer.Pipeline;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

namespace Zalando.Postgres.Sdk.Testing.ApiServer;

/// <summary>All objects as YAML documents, definitions of custom kinds first. A comment at the top keeps the version of the last change, so that
/// versions never go back.</summary>
internal static partial class StateFile
{
    public static string Save(ObjectPipeline pipeline)
    {
        lock (pipeline.Store.Gate)
        {
            return string.Create(CultureInfo.InvariantCulture, $"# version {pipeline.Store.Version}\n") + KubernetesYaml.WriteAll(pipeline.Store.Resources.OrderBy(static r => r.StartsWith("customresourcedefinitions.", StringComparison.Ordinal) ? 0 : 1).ThenBy(static r => r, StringComparer.Ordinal)
                .SelectMany(r => pipeline.Store.List(r, null)).Select(static JsonNode? (o) => o.Value.DeepClone()).ToArray());
        }
    }

    /// <summary>Writes a file so that it is there whole or not at all.</summary>
    public static async Task WriteAsync(string path, string text, CancellationToken cancellationToken)
    {
        var unfinished = path + ".new";
        await KubeconfigText.WriteAsync(unfinished, text, cancellationToken).ConfigureAwait(false);
        File.Move(unfinished, path, overwrite: true);
    }

    /// <summary>Takes in what <see cref="Save"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The text is no YAML, or has an object without a name or of a kind that is not known.</exception>
    public static void Load(ObjectPipeline pipeline, string yaml)
    {
        IReadOnlyList<JsonObject> documents;
        try
        {
            documents = KubernetesYaml.Parse(yaml);
        }
        catch (KubernetesYamlException e)
        {
            throw new InvalidDataException("The state is no YAML: " + e.Message, e);
        }

        lock (pipeline.Store.Gate)
        {
            foreach (var document in documents)
            {
                var value = JsonText.Canonical(document);
                var kind = pipeline.Kinds.FindKind(value.Text("apiVersion") ?? "", value.Text("kind") ?? "")
                    ?? throw new InvalidDataException($"The state has an object of the unknown kind {value.Text("apiVersion")}/{value.Text("kind")}.");
                if (value.Name().Length == 0) throw new InvalidDataException($"The state has a {value.Text("kind")} without metadata.name.");
                pipeline.Store.Load(kind.Resource, ObjectPipeline.Key(kind, value.Namespace(), value.Name()), value);
                if (kind.Kind.Kind == "CustomResourceDefinition") pipeline.Kinds.SetCustom(value, 0);
            }

            if (LastVersion().Match(yaml) is { Success: true } match) pipeline.Store.AdvanceTo(long.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture));
        }
    }

    [GeneratedRegex(@"\A# version ([0-9]{1,18})\r?\n")]
    private static partial Regex LastVersion();
}
