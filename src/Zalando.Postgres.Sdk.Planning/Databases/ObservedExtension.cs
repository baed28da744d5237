namespace Zalando.Postgres.Sdk.Planning.Databases;

/// <summary>An installed extension.</summary>
/// <param name="Schema">Schema of its objects; null when it has none.</param>
/// <param name="Relocatable">Whether it can be moved to another schema.</param>
public sealed record ObservedExtension(string? Schema, bool Relocatable);
