namespace Zalando.Postgres.Sdk.Planning.Databases;

/// <summary>A value of a <see cref="SqlStatement"/>, quoted by the server.</summary>
/// <param name="Value">The value as it is, never quoted.</param>
/// <param name="IsSecret">Whether it may not be shown.</param>
public readonly record struct SqlArgument(string Value, bool IsSecret = false)
{
    /// <summary>The value, or <c>***</c>.</summary>
    public override string ToString() => IsSecret ? "***" : Value;
}
