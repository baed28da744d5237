using System.Collections.Concurrent;
using System.Text;
using Microsoft.Extensions.Logging;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Scenarios.World;

namespace Zalando.Postgres.Sdk.Scenarios;

public sealed class SecrecyTests
{
    [Fact]
    public async Task No_password_reaches_a_log_an_event_or_the_status()
    {
        await using var world = await OperatorWorld.StartAsync();
        using var logs = new CollectingLoggerFactory();
        world.Plugins = services => services with { Logging = logs };
        world.StartOperator();
        world.Apply(OperatorWorld.Manifest());
        await world.RunUntilAsync(() => world.IsRunning(), "the cluster runs");
        var passwords = world.Passwords.Values.SelectMany(p => p).SelectMany(p => new[] { p, Encoding.UTF8.GetString(Convert.FromBase64String(p)) }).ToList();
        Assert.NotEmpty(passwords);
        Assert.NotEmpty(logs.Lines);
        var said = logs.Lines
            .Concat(world.Server.Access.List(KubernetesKinds.Event, "default").Select(e => e.ToJsonString()))
            .Append(world.Server.Access.Get(Resources.Postgresql.Descriptor, "default", "acid-minimal-cluster")!.ToJsonString());
        Assert.DoesNotContain(said, line => passwords.Exists(p => line.Contains(p, StringComparison.Ordinal)));
    }

    private sealed class CollectingLoggerFactory : ILoggerFactory, ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Enqueue(formatter(state, exception) + exception);

        public void Dispose()
        {
        }
    }
}
