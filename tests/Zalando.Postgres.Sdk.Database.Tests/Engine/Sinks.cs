using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Logging;

namespace Zalando.Postgres.Sdk.Database.Tests.Engine;

/// <summary>Everything a process says about itself: logs of all categories and levels, exceptions when they are thrown, traces, metrics.</summary>
internal sealed class Sinks : ILoggerFactory, ILogger
{
    private readonly ActivityListener _activities;
    private readonly MeterListener _meters = new();

    public Sinks()
    {
        _activities = new()
        {
            ShouldListenTo = _ => true,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity =>
            {
                Add("trace", $"{activity.Source.Name} {activity.DisplayName} {activity.StatusDescription}");
                foreach (var (key, value) in activity.TagObjects.Concat(activity.Baggage.Select(b => new KeyValuePair<string, object?>(b.Key, b.Value)))) Add("trace", $"{key}={value}");
                foreach (var happened in activity.Events) Add("trace", happened.Name + string.Join(' ', happened.Tags.Select(t => $"{t.Key}={t.Value}")));
            },
        };
        ActivitySource.AddActivityListener(_activities);
        _meters.InstrumentPublished = (instrument, listener) =>
        {
            Add("metric", $"{instrument.Meter.Name} {instrument.Name} {instrument.Description} {string.Join(' ', instrument.Tags?.Select(t => $"{t.Key}={t.Value}") ?? [])}");
            listener.EnableMeasurementEvents(instrument);
        };
        _meters.SetMeasurementEventCallback<long>((_, _, tags, _) => Measured(tags));
        _meters.SetMeasurementEventCallback<int>((_, _, tags, _) => Measured(tags));
        _meters.SetMeasurementEventCallback<double>((_, _, tags, _) => Measured(tags));
        _meters.Start();
        AppDomain.CurrentDomain.FirstChanceException += Thrown;
    }

    /// <summary>What was said, by where.</summary>
    public ConcurrentQueue<(string Sink, string Text)> Said { get; } = new();

    public void Add(string sink, string text) => Said.Enqueue((sink, text));

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull
    {
        Add("log", state.ToString() ?? "");
        return null;
    }

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Add("log", $"{logLevel}: {formatter(state, exception)} {exception} {(state is IEnumerable<KeyValuePair<string, object?>> values ? string.Join(' ', values.Select(v => v.Value)) : "")}");

    public void Dispose()
    {
        AppDomain.CurrentDomain.FirstChanceException -= Thrown;
        _meters.RecordObservableInstruments();
        _meters.Dispose();
        _activities.Dispose();
    }

    private void Measured(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        foreach (var (key, value) in tags) Add("metric", $"{key}={value}");
    }

    private void Thrown(object? sender, FirstChanceExceptionEventArgs args)
    {
        for (var exception = args.Exception; exception is not null; exception = exception.InnerException)
        {
            Add("exception", $"{exception.GetType().Name} {exception.Message}");
            foreach (System.Collections.DictionaryEntry entry in exception.Data) Add("exception", $"{entry.Key}={entry.Value}");
        }
    }
}
