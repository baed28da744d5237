namespace Zalando.Postgres.Sdk.Testing.ApiServer;

/// <summary>One request as the server saw it.</summary>
/// <param name="Method">HTTP method.</param>
/// <param name="Path">Path without query.</param>
/// <param name="Query">Query with its question mark; empty for none.</param>
/// <param name="Verb">Kubernetes verb: get, list, watch, create, update, patch, delete, deletecollection; the lower-case method for paths that are no resource.</param>
/// <param name="Resource">Resource such as <c>pods</c>, <c>pods/status</c>; empty for other paths.</param>
/// <param name="Namespace">Namespace; null for none.</param>
/// <param name="Name">Object name; null for none.</param>
/// <param name="User">User name; empty when not authenticated.</param>
/// <param name="UserAgent">What the client calls itself.</param>
/// <param name="Code">HTTP status code of the answer.</param>
public sealed record LoggedRequest(
    string Method, string Path, string Query, string Verb, string Resource, string? Namespace, string? Name, string User, string UserAgent, int Code)
{
    /// <summary>API group, for example <c>apps</c>; empty for the core group and for paths that are no resource.</summary>
    public string Group { get; init; } = "";

    /// <summary>Whether the request changes something: create, update, patch, delete and deletecollection of resources other than reviews.</summary>
    public bool IsWrite => Verb is "create" or "update" or "patch" or "delete" or "deletecollection" && !Resource.EndsWith("reviews", StringComparison.Ordinal);
}
