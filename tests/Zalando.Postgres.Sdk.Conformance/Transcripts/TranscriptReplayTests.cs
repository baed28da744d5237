using System.Text;
using Xunit;

namespace Zalando.Postgres.Sdk.Conformance.Transcripts;

/// <summary>Every recorded step is replayed. A step outside the published list that fails fails the test, and so does a listed one that passes.</summary>
public sealed class TranscriptReplayTests(ITestOutputHelper output)
{
    public static TheoryData<string> Topics
    {
        get
        {
            var data = new TheoryData<string>();
            foreach (var topic in TranscriptFolder.Topics.DefaultIfEmpty("")) data.Add(topic);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Topics))]
    public async Task A_transcript_replays_but_for_the_listed_steps(string topic)
    {
        Assert.SkipWhen(topic.Length == 0, "the recorded transcripts are not beside the repository");
        var failures = await TranscriptReplay.RunAsync(TranscriptFolder.File(topic), TestContext.Current.CancellationToken);
        if (Environment.GetEnvironmentVariable("TRANSCRIPT_REPORT") is { Length: > 0 } folder)
        {
            Directory.CreateDirectory(folder);
            await File.WriteAllLinesAsync(Path.Combine(folder, topic + ".txt"), failures.OrderBy(static f => f.Key).Select(static f => $"{f.Key}: {f.Value}"), TestContext.Current.CancellationToken);
        }

        var known = KnownDifferences.Of(topic);
        var report = new StringBuilder();
        foreach (var (step, why) in failures.Where(f => !known.Contains(f.Key))) report.AppendLine($"step {step} fails and is not listed: {why}");
        foreach (var step in known.Where(k => !failures.ContainsKey(k))) report.AppendLine($"step {step} is listed in {Path.GetFileName(KnownDifferences.File)} but replays: take it off the list");
        output.WriteLine($"{topic}: {failures.Count} of {TranscriptStep.Read(TranscriptFolder.File(topic)).Count} steps differ");
        Assert.True(report.Length == 0, report.ToString());
    }
}
