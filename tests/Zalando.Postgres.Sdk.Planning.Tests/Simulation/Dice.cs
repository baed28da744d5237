namespace Zalando.Postgres.Sdk.Planning.Tests.Simulation;

/// <summary>A repeatable source of choices, so that one number stands for a whole scenario.</summary>
internal sealed class Dice(int seed)
{
    private ulong _state = ((ulong)(uint)seed * 0x9E3779B97F4A7C15UL) + 0xD1B54A32D192ED03UL;

    public int Next(int bound)
    {
        _state ^= _state << 13;
        _state ^= _state >> 7;
        _state ^= _state << 17;
        return (int)(_state % (ulong)bound);
    }

    public bool Chance(int percent) => Next(100) < percent;

    public T Pick<T>(params T[] values) => values[Next(values.Length)];
}
