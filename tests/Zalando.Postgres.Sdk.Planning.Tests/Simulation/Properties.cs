using FsCheck;
using FsCheck.Fluent;

namespace Zalando.Postgres.Sdk.Planning.Tests.Simulation;

/// <summary>Runs properties over scenarios from a seed that is printed on failure; <c>PROPERTY_SEED</c> repeats it.</summary>
internal static class Properties
{
    public static int Seed { get; } = int.TryParse(Environment.GetEnvironmentVariable("PROPERTY_SEED"), out var seed) ? seed : Random.Shared.Next();

    public static void ForScenarios(int runs, Action<Dice> property) =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), (int scenario) =>
        {
            try
            {
                property(new Dice(scenario));
            }
            catch (Exception e)
            {
                throw new Xunit.Sdk.XunitException($"scenario {scenario} failed; see it again with PROPERTY_SEED={Seed}\n{e}", e);
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(runs).WithReplay((ulong)(uint)Seed, 1UL));
}
