using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Zalando.Postgres.Sdk.Reconciliation.Telemetry;

/// <summary>Traces and metrics of the engine. Both sources are named <see cref="SourceName"/>; tags have few values, never names of clusters.</summary>
public static class ReconciliationTelemetry
{
    /// <summary>Name of the <see cref="ActivitySource"/> and of the <see cref="Meter"/>.</summary>
    public const string SourceName = "Zalando.Postgres.Sdk";

    internal static readonly ActivitySource Source = new(SourceName);

    private static readonly Meter Meter = new(SourceName);

    internal static readonly Counter<long> Passes = Meter.CreateCounter<long>("postgres_operator.passes", "{pass}", "Passes over a cluster, by outcome.");
    internal static readonly Histogram<double> PassDuration = Meter.CreateHistogram<double>("postgres_operator.pass.duration", "s", "How long a pass takes.");
    internal static readonly Counter<long> Changes = Meter.CreateCounter<long>("postgres_operator.changes", "{change}", "Changes that were tried, by kind and outcome.");
    internal static readonly UpDownCounter<long> Running = Meter.CreateUpDownCounter<long>("postgres_operator.passes.running", "{pass}", "Passes that run now.");
}
