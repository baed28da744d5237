using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Resources.Schemas;
using Zalando.Postgres.Sdk.Resources.Validation;

namespace Zalando.Postgres.Sdk.Resources.Tests.Schemas;

/// <summary>Every object that a real API server with the reference's definitions was sent gets the same verdict from our definitions.</summary>
public sealed class RecordedVerdictTests
{
    private static readonly string[] Files = ["crd-postgresql.jsonl", "crd-postgresql-invalid.jsonl", "crd-operatorconfiguration.jsonl", "crd-postgresteam.jsonl"];

    public static TheoryData<string, int, string> Steps
    {
        get
        {
            var steps = new TheoryData<string, int, string>();
            if (RepositoryRoot.Shared("apiserver-transcripts") is not { } directory)
            {
                steps.Add("", 0, "");
                return steps;
            }
            foreach (var file in Files)
            {
                foreach (var line in File.ReadLines(Path.Combine(directory, file)))
                {
                    var step = JsonNode.Parse(line)!;
                    if (step["request"]?["body"] is JsonObject body && KindOf((string?)body["kind"]) is not null && (string?)step["request"]!["method"] == "POST" && (int)step["response"]!["code"]! is 201 or 409 or 422)
                        steps.Add(file, (int)step["step"]!, (string)step["note"]!);
                }
            }
            return steps;
        }
    }

    [Theory]
    [MemberData(nameof(Steps))]
    public void An_object_gets_the_verdict_of_the_real_server(string file, int number, string note)
    {
        if (RepositoryRoot.Shared("apiserver-transcripts") is not { } directory)
        {
            Assert.Skip("The recorded answers (../shared/apiserver-transcripts) are not here.");
            return;
        }
        var step = JsonNode.Parse(File.ReadLines(Path.Combine(directory, file)).ElementAt(number - 1))!;
        var body = (JsonObject)step["request"]!["body"]!;

        var errors = SchemaValidator.Validate(body, CustomResourceDefinitions.SchemaOf(KindOf((string?)body["kind"])!)).Where(f => f.Severity == FindingSeverity.Error).ToArray();

        // A name that is taken (409) is found only after validation.
        var refused = (int)step["response"]!["code"]! == 422;
        Assert.True(refused == errors.Length > 0, $"{note}: the server answered {step["response"]!["code"]}, the definition says: {string.Join("; ", errors.Select(e => e.ToString()))}");
        foreach (var cause in step["response"]!["body"]?["details"]?["causes"] as JsonArray ?? [])
        {
            var field = (string)cause!["field"]!;
            // The list of sidecars, which the reference's definition takes for an object, is judged by its elements here.
            if (field is "configuration.sidecars" or "<nil>") continue;
            // A failed choice ("must validate one and only one") names the object and each branch's fields.
            Assert.Contains(errors, e => e.FieldPath.StartsWith(field, StringComparison.Ordinal) || field.StartsWith(e.FieldPath, StringComparison.Ordinal));
        }
    }

    public static TheoryData<string> Fixtures => [.. File.ReadLines(Path.Combine(RepositoryRoot.Path, "tests", "fixtures", "verdicts.jsonl"))];

    [Theory]
    [MemberData(nameof(Fixtures))]
    public void An_object_of_our_own_gets_its_verdict_without_a_server(string line)
    {
        var verdict = JsonNode.Parse(line)!;
        var spec = (JsonObject)JsonNode.Parse("""{"teamId":"shop","numberOfInstances":1,"postgresql":{"version":"17"},"volume":{"size":"1Gi"}}""")!;
        foreach (var (key, value) in (JsonObject)verdict["spec"]!) spec[key] = value?.DeepClone();
        var body = new JsonObject { ["apiVersion"] = "acid.zalan.do/v1", ["kind"] = "postgresql", ["metadata"] = new JsonObject { ["name"] = "shop-test" }, ["spec"] = spec };

        var findings = SchemaValidator.Validate(body, CustomResourceDefinitions.SchemaOf(Postgresql.Descriptor));

        if ((string?)verdict["field"] is { } field) Assert.Contains(findings, f => f.Severity == FindingSeverity.Error && (f.FieldPath.StartsWith(field, StringComparison.Ordinal) || field.StartsWith(f.FieldPath, StringComparison.Ordinal)));
        else Assert.DoesNotContain(findings, f => f.Severity == FindingSeverity.Error);
        Assert.Equal((verdict["dropped"] as JsonArray)?.Count ?? 0, findings.Count(f => f.Code == "UnknownField"));
    }

    private static KubernetesKind? KindOf(string? kind) => kind switch
    {
        "postgresql" => Postgresql.Descriptor,
        "OperatorConfiguration" => OperatorConfiguration.Descriptor,
        "PostgresTeam" => PostgresTeam.Descriptor,
        _ => null,
    };
}
