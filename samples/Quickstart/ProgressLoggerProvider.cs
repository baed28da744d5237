using Microsoft.Extensions.Logging;

namespace Zalando.Postgres.Sdk.Samples.Quickstart;

/// <summary>Shows the operator's warnings and errors among the steps; everything else it does is visible as Events.</summary>
internal sealed class ProgressLoggerProvider(ProgressWriter progress) : ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => new ProgressLogger(categoryName, progress);

    public void Dispose()
    {
        // Nothing is held.
    }

    private sealed class ProgressLogger(string category, ProgressWriter progress) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel)) return;
            var text = formatter(state, exception);
            progress.Step(category.Split('.')[^1], exception is null ? text : $"{text} ({exception.Message})", logLevel >= LogLevel.Error ? StepKind.Bad : StepKind.Warning);
        }
    }
}
