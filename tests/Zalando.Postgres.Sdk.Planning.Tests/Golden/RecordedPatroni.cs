using System.Text.Json.Nodes;

namespace Zalando.Postgres.Sdk.Planning.Tests.Golden;

/// <summary>What Patroni would say, read from the annotations in which it keeps its state.</summary>
internal static class RecordedPatroni
{
    public static ObservedPatroni? Read(GoldenCase golden) => Read(golden.Stored());

    public static ObservedPatroni? Read(IReadOnlyList<JsonObject> objects)
    {
        var configuration = objects.Where(o => ((string?)o["metadata"]?["name"])?.EndsWith("-config", StringComparison.Ordinal) == true)
            .Select(o => (string?)o["metadata"]?["annotations"]?["config"]).FirstOrDefault(c => c is not null);
        var members = new List<ObservedMember>();
        foreach (var pod in objects.Where(o => (string?)o["kind"] == "Pod"))
        {
            if ((string?)pod["metadata"]?["annotations"]?["status"] is not { } text) continue;
            var status = JsonNode.Parse(text)!;
            members.Add(new ObservedMember
            {
                Name = (string)pod["metadata"]!["name"]!,
                Role = (string?)status["role"] is "primary" or "master" ? MemberRole.Primary : MemberRole.Replica,
                State = (string?)status["state"] ?? "running",
                LagBytes = 0,
            });
        }

        return configuration is null ? null : new ObservedPatroni { Members = members, Configuration = JsonNode.Parse(configuration) as JsonObject };
    }
}
