using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Testing.ApiServer;

/// <summary>The refusals of the server, in the words and with the details of the real one.</summary>
internal static class StatusErrors
{
    public static ApiStatusException UnknownResource() =>
        new(404, "NotFound", "the server could not find the requested resource", []);

    public static ApiStatusException MethodNotAllowed() =>
        new(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", []);

    public static ApiStatusException NotFound(KubernetesKind kind, string name) =>
        new(404, "NotFound", $"{kind.QualifiedName} \"{name}\" not found", kind.QualifiedName == "componentstatuses" ? Details(name, "", kind.Singular) : Details(kind, name));

    public static ApiStatusException AlreadyExists(KubernetesKind kind, string name) =>
        new(409, "AlreadyExists", $"{kind.QualifiedName} \"{name}\" already exists", Details(kind, name));

    public static ApiStatusException Conflict(KubernetesKind kind, string name, string? why = null) =>
        new(409, "Conflict", $"Operation cannot be fulfilled on {kind.QualifiedName} \"{name}\": {why ?? "the object has been modified; please apply your changes to the latest version and try again"}", Details(kind, name));

    public static ApiStatusException PreconditionFailed(KubernetesKind kind, string name, string why) =>
        new(409, "Conflict", $"Operation cannot be fulfilled on {Qualified(kind.Kind, kind.Group)} \"{name}\": {why}", Details(name, kind.Group, kind.Kind));

    public static ApiStatusException BadRequest(string message) => new(400, "BadRequest", message);

    public static ApiStatusException Internal(string message) => new(500, "", message);

    public static ApiStatusException InternalError(string message) =>
        new(500, "InternalError", "Internal error occurred: " + message, new JsonObject { ["causes"] = new JsonArray(new JsonObject { ["message"] = message }) });

    public static ApiStatusException Unauthorized() => new(401, "Unauthorized", "Unauthorized");

    public static ApiStatusException Forbidden(KubernetesKind kind, string name, string why) =>
        new(403, "Forbidden", $"{kind.QualifiedName}{(name.Length == 0 ? "" : $" \"{name}\"")} is forbidden: {why}", Details(kind, name));

    public static ApiStatusException Forbidden(string group, string resource, string name, string why) =>
        new(403, "Forbidden", $"{Qualified(resource, group)}{(name.Length == 0 ? "" : $" \"{name}\"")} is forbidden: {why}", Details(name, group, resource));

    public static ApiStatusException Expired(string message) => new(410, "Expired", message);

    public static ApiStatusException TooLargeVersion(long wanted, long current) =>
        new(504, "Timeout", $"Timeout: Too large resource version: {wanted}, current: {current}", new JsonObject
        {
            ["causes"] = new JsonArray(new JsonObject { ["reason"] = "ResourceVersionTooLarge", ["message"] = "Too large resource version" }),
            ["retryAfterSeconds"] = 1,
        });

    public static ApiStatusException NotAcceptable(string offered = "application/json, application/yaml, application/vnd.kubernetes.protobuf") =>
        new(406, "NotAcceptable", "406: Not Acceptable\n\nAvailable representations: " + offered, []);

    public static ApiStatusException UnsupportedPatch() =>
        new(415, "UnsupportedMediaType", "415: Unsupported Media Type", []);

    public static ApiStatusException UnsupportedCustomPatch() =>
        new(415, "UnsupportedMediaType", "the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml");

    public static ApiStatusException UnsupportedBody() =>
        new(415, "UnsupportedMediaType", "the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf");

    public static ApiStatusException RejectedPatch() =>
        new(422, "Invalid", "the server rejected our request due to an error in our request", []);

    public static ApiStatusException TooLarge() =>
        new(413, "RequestEntityTooLarge", "Request entity too large: limit is 3145728");

    public static ApiStatusException Invalid(string kind, string group, string name, IReadOnlyList<StatusCause> causes)
    {
        var texts = causes.Select(c => c.Field.Length == 0 ? c.Message : $"{c.Field}: {c.Message}").ToArray();
        var joined = texts.Length == 1 ? texts[0] : $"[{string.Join(", ", texts)}]";
        var details = Details(name, group, kind);
        details["causes"] = new JsonArray(causes.Select(JsonNode? (c) =>
        {
            var cause = new JsonObject { ["reason"] = c.Reason, ["message"] = c.Message };
            if (c.Field.Length > 0) cause["field"] = c.Field;
            return cause;
        }).ToArray());
        return new(422, "Invalid", $"{Qualified(kind, group)} \"{name}\" is invalid: {joined}", details);
    }

    public static ApiStatusException Invalid(KubernetesKind kind, string name, IReadOnlyList<StatusCause> causes) => Invalid(kind.Kind, kind.Group, name, causes);

    public static ApiStatusException InvalidOptions(string kind, params StatusCause[] causes) => Invalid(kind, "meta.k8s.io", "", causes);

    /// <summary>A patched object that cannot be read: the real server reports it without a name.</summary>
    public static ApiStatusException InvalidPatch(string patch, string why) =>
        Invalid("", "", "", [new("FieldValueInvalid", "patch", $"Invalid value: {Quote(patch)}: {why}")]);

    public static JsonObject Status(ApiStatusException error)
    {
        var status = new JsonObject
        {
            ["kind"] = "Status", ["apiVersion"] = "v1", ["metadata"] = new JsonObject(), ["status"] = "Failure", ["message"] = error.Message,
        };
        if (error.Reason.Length > 0) status["reason"] = error.Reason;
        if (error.Details is not null) status["details"] = error.Details.DeepClone();
        status["code"] = error.Code;
        return status;
    }

    public static string Quote(string text) => Storage.JsonText.WriteText(JsonValue.Create(text));

    private static JsonObject Details(KubernetesKind kind, string name) => Details(name, kind.Group, kind.Plural);

    private static JsonObject Details(string name, string group, string kind)
    {
        var details = new JsonObject();
        if (name.Length > 0) details["name"] = name;
        if (group.Length > 0) details["group"] = group;
        if (kind.Length > 0) details["kind"] = kind;
        return details;
    }

    private static string Qualified(string kind, string group) => group.Length == 0 ? kind : kind + "." + group;
}
