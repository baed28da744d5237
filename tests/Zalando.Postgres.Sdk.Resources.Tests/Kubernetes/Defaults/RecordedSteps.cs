using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Resources.Tests.Kubernetes.Defaults;

/// <summary>Requests and answers recorded from a real API server.</summary>
internal sealed record RecordedSteps(string Topic, JsonObject Step)
{
    public string? Method => (string?)Step["request"]?["method"];

    public int? Code => (int?)Step["response"]?["code"];

    public JsonObject? Body => Step["request"]?["body"] as JsonObject;

    public JsonObject? Answer => Step["response"]?["body"] as JsonObject;

    public static IReadOnlyList<RecordedSteps> All()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "Zalando.Postgres.Sdk.sln"))) directory = directory.Parent;
        var transcripts = Path.Combine(directory?.Parent?.FullName ?? "", "shared", "apiserver-transcripts");
        if (!Directory.Exists(transcripts)) Assert.Skip("The recorded transcripts are not beside the repository.");
        return Directory.EnumerateFiles(transcripts, "*.jsonl").Order(StringComparer.Ordinal)
            .SelectMany(file => File.ReadLines(file).Where(l => l.Length > 0).Select(l => new RecordedSteps(Path.GetFileNameWithoutExtension(file), (JsonObject)JsonNode.Parse(l)!)))
            .ToArray();
    }

    public static KubernetesKind? KindOf(JsonObject value) =>
        value["kind"] is JsonValue kind && value["apiVersion"] is JsonValue version
            ? KubernetesKinds.All.FirstOrDefault(k => k.Kind == kind.ToString() && k.ApiVersion == version.ToString())
            : null;

    /// <summary>Complete objects in the answer: one, the items of a list, those of watch events.</summary>
    public IEnumerable<JsonObject> StoredObjects()
    {
        if (Answer is { } answer && Code is >= 200 and < 300)
        {
            if (answer["items"] is JsonArray items && ((string?)answer["kind"])?.EndsWith("List", StringComparison.Ordinal) == true)
            {
                foreach (var item in items.OfType<JsonObject>())
                {
                    var copy = (JsonObject)item.DeepClone();
                    copy["kind"] ??= ((string)answer["kind"]!)[..^4];
                    copy["apiVersion"] ??= (string?)answer["apiVersion"];
                    yield return copy;
                }
            }
            else
            {
                yield return answer;
            }
        }

        foreach (var change in Step["events"] as JsonArray ?? [])
            if (change?["object"] is JsonObject value && (string?)change["type"] is "ADDED" or "MODIFIED") yield return value;
    }

    public override string ToString() => $"{Topic}#{(int?)Step["step"]}";
}
