using System.Diagnostics;
using System.Diagnostics.Metrics;
using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Kubernetes.Configuration;
using Zalando.Postgres.Sdk.Kubernetes.Telemetry;
using Zalando.Postgres.Sdk.Kubernetes.Tests.Fakes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Kubernetes.Tests.Client;

public sealed class TelemetryTests
{
    [Fact]
    public async Task A_call_is_a_span_and_a_measurement_with_bounded_tags()
    {
        var spans = new List<Activity>();
        using var activities = new ActivityListener
        {
            ShouldListenTo = source => source.Name == KubernetesTelemetry.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity =>
            {
                lock (spans) spans.Add(activity);
            },
        };
        ActivitySource.AddActivityListener(activities);
        var measured = new List<Dictionary<string, object?>>();
        using var meters = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == KubernetesTelemetry.RequestDuration) listener.EnableMeasurementEvents(instrument);
            },
        };
        meters.SetMeasurementEventCallback<double>((_, _, tags, _) =>
        {
            lock (measured) measured.Add(tags.ToArray().ToDictionary(tag => tag.Key, tag => tag.Value));
        });
        meters.Start();

        // A kind that no other test of this program asks for, because listeners hear everybody.
        using var client = new KubernetesClient(KubernetesClientConfiguration.FromHandler(new Uri("http://server"), new ScriptedHandler(_ => ScriptedHandler.Failure(403, "Forbidden", "no"))));
        await Assert.ThrowsAsync<KubernetesApiException>(() => client.GetAsync<PriorityClass>(null, "secret-name", TestContext.Current.CancellationToken));
        lock (spans)
        {
            var span = Assert.Single(spans, item => item.DisplayName == "kubernetes get priorityclasses");
            Assert.Equal((ActivityStatusCode.Error, "403"), (span.Status, span.GetTagItem("http.response.status_code")));
        }

        lock (measured)
        {
            var tags = Assert.Single(measured, item => (string?)item["resource"] == "priorityclasses.scheduling.k8s.io");
            Assert.Equal(["resource", "status", "verb"], tags.Keys.Order(StringComparer.Ordinal));
            Assert.Equal(("get", "403"), (tags["verb"], tags["status"]));
        }
    }

    [Fact]
    public async Task The_opening_of_a_watch_is_measured_too()
    {
        var measured = new List<Dictionary<string, object?>>();
        using var meters = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == KubernetesTelemetry.RequestDuration) listener.EnableMeasurementEvents(instrument);
            },
        };
        meters.SetMeasurementEventCallback<double>((_, _, tags, _) =>
        {
            lock (measured) measured.Add(tags.ToArray().ToDictionary(tag => tag.Key, tag => tag.Value));
        });
        meters.Start();
        using var client = new KubernetesClient(KubernetesClientConfiguration.FromHandler(new Uri("http://server"), new ScriptedHandler(_ => ScriptedHandler.Json(""))));
        await foreach (var next in client.WatchAsync<IngressClass>(null, new WatchOptions(), TestContext.Current.CancellationToken)) Assert.Fail($"nothing was sent, and {next.Type} came");
        lock (measured)
        {
            var tags = Assert.Single(measured, item => (string?)item["resource"] == "ingressclasses.networking.k8s.io");
            Assert.Equal(("watch", "200"), (tags["verb"], tags["status"]));
        }
    }
}
