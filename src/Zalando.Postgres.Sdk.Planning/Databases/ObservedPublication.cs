namespace Zalando.Postgres.Sdk.Planning.Databases;

/// <summary>A publication as the server has it.</summary>
/// <param name="Owner">Its owner.</param>
/// <param name="Tables">Its tables as <c>schema.table</c>, ordered.</param>
public sealed record ObservedPublication(string Owner, IReadOnlyList<string> Tables);
