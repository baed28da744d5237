using FsCheck;
using FsCheck.Fluent;

namespace Zalando.Postgres.Sdk.Kubernetes.Tests.Fakes;

/// <summary>Runs properties from a seed that is printed, and that <c>PROPERTY_SEED</c> can set to see a failure again.</summary>
internal static class Properties
{
    public static int Seed { get; } = int.TryParse(Environment.GetEnvironmentVariable("PROPERTY_SEED"), out var seed) ? seed : Random.Shared.Next();

    /// <summary>Each run gets its own generator; a failure names the run's seed.</summary>
    public static async Task ForSeedsAsync(int runs, Func<Random, Task> property)
    {
        for (var i = 0; i < runs; i++)
        {
            var seed = unchecked(Seed + i);
            try
            {
#pragma warning disable RS0030 // the seed is what makes it repeatable
                await property(new Random(seed));
#pragma warning restore RS0030
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                throw new Xunit.Sdk.XunitException($"run {i} failed; see it again with PROPERTY_SEED={seed}\n{exception}", exception);
            }
        }
    }

    /// <summary>The same for properties that wait. A failure is made smaller with <paramref name="shrink"/>.</summary>
#pragma warning disable VSTHRD002 // FsCheck cannot await, and here only threads of the pool wait
    public static Task ForAllAsync<T>(Gen<T> generator, Func<T, Task> property, int runs, Func<T, IEnumerable<T>>? shrink = null) =>
        Task.Run(() => Prop.ForAll(shrink is null ? generator.ToArbitrary() : Arb.From(generator, shrink), value => Task.Run(() => property(value)).GetAwaiter().GetResult())
            .Check(Config.QuickThrowOnFailure.WithMaxTest(runs).WithReplay((ulong)(uint)Seed, 1UL)));
#pragma warning restore VSTHRD002

    public static void ForAll<T>(Gen<T> generator, Action<T> property, int runs = 200) =>
        Prop.ForAll(generator.ToArbitrary(), property).Check(Config.QuickThrowOnFailure.WithMaxTest(runs).WithReplay((ulong)(uint)Seed, 1UL));
}
