using System.Text.Json;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Kubernetes.Yaml;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Resources.Validation;

namespace Zalando.Postgres.Cli.Tests.Fuzzing;

/// <summary>Broken texts: a kept corpus, and mutations of it for a bounded number of runs. No text may throw anything but its own error, or need memory out of proportion.</summary>
/// <remarks><c>FUZZ_RUNS</c> lengthens a run, <c>PROPERTY_SEED</c> repeats one, <c>UPDATE_CORPUS=1</c> keeps a small text for every rule and refusal that the corpus does not show yet in tests/fixtures/corpus.</remarks>
public sealed class CorpusTests
{
    private const long MostBytes = 64 * 1024 * 1024;

    private static readonly OperatorConfiguration Defaults = new() { Form = ConfigurationForm.ConfigMap };

    private static readonly int Seed = int.TryParse(Environment.GetEnvironmentVariable("PROPERTY_SEED"), out var seed) ? seed : Random.Shared.Next();

    private static readonly int Runs = int.TryParse(Environment.GetEnvironmentVariable("FUZZ_RUNS"), out var runs) ? runs : 600;

    private static readonly string[] Fragments =
    [
        "&a ", "*a", "<<: *a", "? ", "- ", ": ", "---\n", "...\n", "!!binary ", "!!int ", "|\n", ">-\n", "\t", "\r\n", "\uFEFF", "\0", "\u2028", "0x", "1e999", ".nan", "\"", "'", "{", "}", "[", "]", "#", "%YAML 1.2\n", "null", "~", "yes", "99999999999999999999999", "K", "Gi", "-", "23:59-00:00", "Z", "::/129", "😀",
    ];

    [Fact]
    public void The_kept_corpus_is_read_or_refused()
    {
        var files = Corpus().ToList();
        Assert.True(files.Count >= 20, "The corpus is in tests/fixtures/corpus.");
        foreach (var file in files) Assert.NotEmpty(OutcomeOf(File.ReadAllText(file), file));
    }

    [Fact]
    public void A_mutated_manifest_is_read_or_refused()
    {
#pragma warning disable RS0030 // the seed is what makes it repeatable
        var random = new Random(Seed);
#pragma warning restore RS0030
        var texts = Corpus().Concat(["complete-cluster.yaml", "version-1-cluster.yaml", "other-kinds.yaml"]).Select(static f => File.ReadAllText(TestFiles.Fixture(f))).ToList();
        texts.AddRange(texts.ToArray().Where(static t => t.Length < 4000).Select(AsJson).OfType<string>());
        var known = new HashSet<string>(Corpus().SelectMany(static f => OutcomeOf(File.ReadAllText(f), f)), StringComparer.Ordinal);
        for (var i = 0; i < Runs; i++)
        {
            var text = Mutated(texts[random.Next(texts.Count)], random);
            var outcome = OutcomeOf(text, $"PROPERTY_SEED={Seed}, run {i}");
            if (Environment.GetEnvironmentVariable("UPDATE_CORPUS") != "1") continue;
            foreach (var part in outcome.Where(known.Add).ToList()) Keep(text, part);
        }
    }

    // What happened: the rules that were broken, or why the text was refused, without the places.
    private static IReadOnlyCollection<string> OutcomeOf(string text, string where)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            var codes = new SortedSet<string>(StringComparer.Ordinal);
            foreach (var document in KubernetesYaml.ParseDocuments(text))
            {
                if (document.Root is not JsonObject root) continue;
                foreach (var finding in ManifestValidator.Validate(root, Defaults))
                {
                    codes.Add(finding.Code);
                    var position = document.PositionOf(finding.FieldPath);
                    Assert.True(position is { Line: > 0, Column: > 0 }, where);
                }

                TryRead(root);
            }

            return codes;
        }
        catch (KubernetesYamlException e)
        {
            Assert.True(e.Position is { Line: > 0, Column: > 0 } && e.Problem.Length > 0, where);
            return ["refused: " + new string([.. e.Problem.TakeWhile(static c => !char.IsAsciiDigit(c) && c is not ('\'' or '"'))])];
        }
        catch (Exception e) when (e is not Xunit.Sdk.XunitException)
        {
            Assert.Fail($"{where}\n{text}\n{e}");
            return [];
        }
        finally
        {
            var bytes = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(bytes < MostBytes, $"{where}: {bytes} bytes for {text.Length} characters");
        }
    }

    private static void TryRead(JsonObject root)
    {
        try
        {
            _ = root.Deserialize(Postgresql.JsonTypeInfo);
            _ = root.Deserialize(OperatorConfiguration.JsonTypeInfo);
        }
        catch (JsonException)
        {
            // A value of a wrong kind: refused with its path.
        }
    }

    private static string Mutated(string text, Random random)
    {
        for (var i = random.Next(1, 5); i > 0; i--)
        {
            var at = random.Next(text.Length + 1);
            var length = Math.Min(random.Next(40), text.Length - at);
            text = random.Next(6) switch
            {
                0 => text.Remove(at, length),
                1 => text.Insert(at, text.Substring(at, length)),
                2 => text.Insert(at, Fragments[random.Next(Fragments.Length)]),
                3 => text.Insert(at, ((char)random.Next(1, 0xd7ff)).ToString()),
                4 => string.Concat(text.AsSpan(0, at), Fragments[random.Next(Fragments.Length)], text.AsSpan(at + length)),
                _ => SwapLines(text, random),
            };
            if (text.Length > 20_000) text = text[..20_000];
        }

        return text;
    }

    private static string SwapLines(string text, Random random)
    {
        var lines = text.Split('\n');
        var (a, b) = (random.Next(lines.Length), random.Next(lines.Length));
        (lines[a], lines[b]) = (lines[b], lines[a]);
        return string.Join('\n', lines);
    }

    private static string? AsJson(string text)
    {
        try
        {
            return KubernetesYaml.Parse(text).FirstOrDefault()?.ToJsonString();
        }
        catch (KubernetesYamlException)
        {
            return null;
        }
    }

    private static IEnumerable<string> Corpus() =>
        Directory.Exists(TestFiles.Fixture("corpus")) ? Directory.GetFiles(TestFiles.Fixture("corpus")).Order(StringComparer.Ordinal) : [];

    private static void Keep(string text, string outcome)
    {
        // Decimated: halves are taken away as long as the outcome stays the same.
        for (var size = text.Length / 2; size > 0; size /= 2)
        {
            for (var at = 0; at + size <= text.Length;)
            {
                var less = text.Remove(at, size);
                if (OutcomeOf(less, "decimation").Contains(outcome)) text = less;
                else at += size;
            }
        }

        Directory.CreateDirectory(TestFiles.Fixture("corpus"));
        var name = new string([.. outcome.Where(char.IsAsciiLetterOrDigit).Take(50)]);
        File.WriteAllText(Path.Combine(TestFiles.Fixture("corpus"), $"{name}.txt"), text);
    }
}
