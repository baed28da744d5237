namespace Zalando.Postgres.Sdk.Planning.Databases;

/// <summary>A publication as the server has it.</summary>
/// <param name="Owner">Its owner.</param>
/// <param name="Tables">Its tables as <c>schema.table</c>, ordered.</param>
public sealed record ObservedPublication(string Owner, IReadOnlyList<string> Tables)
{
    /// <summary>Whether it publishes inserts and updates of single tables, and nothing else, as those of event streams do.</summary>
    /// <value>Default: true.</value>
    public bool PublishesInsertsAndUpdates { get; init; } = true;
}
