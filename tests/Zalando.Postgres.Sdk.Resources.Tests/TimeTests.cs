using System.Text.Json;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Resources.Tests;

public sealed class TimeTests
{
    [Theory]
    [InlineData("2026-01-31T12:00:00Z", "2026-01-31T12:00:00Z")]
    [InlineData("2026-01-31T12:00:00+01:00", "2026-01-31T11:00:00Z")]
    [InlineData("2026-01-31T12:00:00.123456789Z", "2026-01-31T12:00:00Z")]
    public void Time_reads_any_rfc_3339_text_and_writes_whole_seconds(string text, string written)
    {
        var metadata = JsonSerializer.Deserialize($$"""{"creationTimestamp":"{{text}}"}""", KubernetesJsonContext.Default.ObjectMeta)!;
        Assert.Equal(written, metadata.CreationTimestamp!.Value.ToString());
    }

    [Theory]
    [InlineData("2026-01-31T12:00:00Z", "2026-01-31T12:00:00.000000Z")]
    [InlineData("2026-01-31T12:00:00.5Z", "2026-01-31T12:00:00.500000Z")]
    [InlineData("2026-01-31T12:00:00.1234567Z", "2026-01-31T12:00:00.123456Z")]
    public void MicroTime_always_writes_six_digits(string text, string written)
    {
        var lease = JsonSerializer.Deserialize($$$"""{"spec":{"renewTime":"{{{text}}}"}}""", Lease.JsonTypeInfo)!;
        Assert.Equal(written, lease.Spec!.RenewTime!.Value.ToString());
        Assert.Contains(written, JsonSerializer.Serialize(lease, Lease.JsonTypeInfo), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("2026-01-31")]
    [InlineData("2026-01-31 12:00:00Z")]
    [InlineData("2026-01-31T12:00:00")]
    [InlineData("2026-02-31T12:00:00Z")]
    [InlineData("2026-01-31T12:00:00.Z")]
    [InlineData("2026-01-31T12:00:00+1")]
    public void What_is_no_time_is_refused_with_the_text(string text)
    {
        Assert.False(Rfc3339.TryParse(text, out _));
        var error = Assert.Throws<JsonException>(() => JsonSerializer.Deserialize($$"""{"creationTimestamp":"{{text}}"}""", KubernetesJsonContext.Default.ObjectMeta));
        Assert.Contains($"\"{text}\"", error.Message, StringComparison.Ordinal);
    }
}
