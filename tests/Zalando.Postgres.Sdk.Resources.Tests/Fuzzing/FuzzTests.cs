using System.Text.Json;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Resources.Schemas;
using Zalando.Postgres.Sdk.Resources.Validation;

namespace Zalando.Postgres.Sdk.Resources.Tests.Fuzzing;

/// <summary>Random input, a bounded number of runs each. PROPERTY_SEED repeats a failure.</summary>
public sealed class FuzzTests
{
    private static readonly OperatorConfiguration Defaults = new() { Form = ConfigurationForm.ConfigMap };

    private static readonly int? Repeated = int.TryParse(Environment.GetEnvironmentVariable("PROPERTY_SEED"), out var seed) ? seed : null;

    [Fact]
    public void A_random_valid_manifest_is_accepted_by_its_own_schema_and_written_as_it_was_read()
    {
        var schema = CustomResourceDefinitions.SchemaOf(Postgresql.Descriptor);
        ForSeeds(150, random =>
        {
            var manifest = Manifest(random, schema);

            var errors = SchemaValidator.Validate(manifest, schema).Where(f => f.Severity == FindingSeverity.Error);
            var written = JsonSerializer.SerializeToNode(manifest.Deserialize(Postgresql.JsonTypeInfo)!, Postgresql.JsonTypeInfo)!;

            Assert.Empty(errors);
            Assert.True(JsonNode.DeepEquals(Quoted(manifest), Quoted(written)), $"{manifest.ToJsonString()}\n{written.ToJsonString()}");
        });
    }

    [Fact]
    public void A_spoiled_manifest_gets_findings_or_none_but_never_an_exception()
    {
        var schema = CustomResourceDefinitions.SchemaOf(Postgresql.Descriptor);
        ForSeeds(400, random =>
        {
            var manifest = Manifest(random, schema);
            new RandomManifest(random).Spoil(manifest["spec"]!, 12);

            var findings = ManifestValidator.Validate(manifest, Defaults);

            Assert.All(findings, f => Assert.False(string.IsNullOrEmpty(f.Rule)));
        });
    }

    [Fact]
    public void A_spoiled_configuration_gets_findings_or_none_but_never_an_exception()
    {
        var schema = CustomResourceDefinitions.SchemaOf(OperatorConfiguration.Descriptor);
        ForSeeds(150, random =>
        {
            var manifest = (JsonObject)new RandomManifest(random).Valid(schema)!;
            manifest["apiVersion"] = "acid.zalan.do/v1";
            manifest["kind"] = "OperatorConfiguration";
            new RandomManifest(random).Spoil(manifest["configuration"]!, 10);

            Assert.NotNull(ManifestValidator.Validate(manifest, Defaults));
        });
    }

    [Fact]
    public void Random_texts_in_a_ConfigMap_are_values_or_findings()
    {
        ForSeeds(200, random =>
        {
            var texts = new RandomManifest(random);
            var data = ParameterDefinitions.All.Where(_ => random.Next(4) == 0).ToDictionary(p => p.Key, _ => texts.Text());

            var configuration = ConfigMapConfiguration.Read(data, out var findings);
            OperatorSettings.TryFrom(configuration, out var fatal);

            Assert.All(findings.Concat(fatal), f => Assert.StartsWith("data.", f.FieldPath, StringComparison.Ordinal));
        });
    }

    [Fact]
    public void Random_texts_are_windows_durations_and_names_or_refused()
    {
        ForSeeds(3000, random =>
        {
            var text = new RandomManifest(random).Text();
            if (MaintenanceWindow.TryParse(text, out var window)) Assert.True(MaintenanceWindow.TryParse(window.ToString(), out var again) && again == window);
            if (DurationText.TryParse(text, out var duration)) Assert.True(DurationText.TryParse(DurationText.Format(duration), out var same) && same == duration);
            if (NamespacedName.TryParse(text, out var name)) Assert.NotEmpty(name.Name);
        });
    }

    private static JsonObject Manifest(Random random, JsonObject schema)
    {
        var manifest = (JsonObject)new RandomManifest(random).Valid(schema)!;
        manifest["apiVersion"] = "acid.zalan.do/v1";
        manifest["kind"] = "postgresql";
        manifest["metadata"] = new JsonObject { ["name"] = "acid-random" };
        return manifest;
    }

    /// <summary>Quantities may be written as numbers, and are written back as texts.</summary>
    private static JsonNode? Quoted(JsonNode? node) => node switch
    {
        JsonObject fields => new JsonObject(fields.Select(p => KeyValuePair.Create(p.Key, Quoted(p.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Quoted)]),
        JsonValue value when value.GetValueKind() == JsonValueKind.Number => value.ToJsonString(),
        _ => node?.DeepClone(),
    };

    private static void ForSeeds(int runs, Action<Random> property)
    {
        // PROPERTY_SEED repeats one run; FsCheck prints the number that failed.
        if (Repeated is { } one)
        {
            Run(one);
            return;
        }

        Prop.ForAll(Gen.Choose(int.MinValue, int.MaxValue).ToArbitrary(), seed =>
        {
            Run(seed);
            return true;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(runs));

        void Run(int seed)
        {
            try
            {
#pragma warning disable RS0030 // the seed is what makes it repeatable
                property(new Random(seed));
#pragma warning restore RS0030
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"PROPERTY_SEED={seed} repeats the failure.", exception);
            }
        }
    }
}
