namespace Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

/// <summary>One stored change.</summary>
/// <param name="Resource">Which collection, for example <c>pods</c> or <c>statefulsets.apps</c>.</param>
/// <param name="Type">ADDED, MODIFIED or DELETED.</param>
/// <param name="Current">The new state; of a deletion the last one, with the version of the deletion.</param>
/// <param name="Previous">The state before; null for an addition.</param>
internal sealed record HistoryEntry(string Resource, string Type, StoredObject Current, StoredObject? Previous)
{
    public long Version => Current.Version;
}
