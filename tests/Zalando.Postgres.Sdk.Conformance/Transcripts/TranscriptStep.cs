using System.Text.Json.Nodes;

namespace Zalando.Postgres.Sdk.Conformance.Transcripts;

/// <summary>One line of a transcript.</summary>
internal sealed record TranscriptStep(int Number, string Note, JsonObject Json)
{
    public static IReadOnlyList<TranscriptStep> Read(string file) =>
        [.. File.ReadLines(file).Where(static l => l.Length > 0).Select(static l => (JsonObject)JsonNode.Parse(l)!)
            .Select(static j => new TranscriptStep((int)j["step"]!, (string?)j["note"] ?? "", j))];
}
