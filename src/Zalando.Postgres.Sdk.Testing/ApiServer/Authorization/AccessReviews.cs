using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Testing.ApiServer.Authentication;
using Zalando.Postgres.Sdk.Testing.ApiServer.Kinds;
using Zalando.Postgres.Sdk.Testing.ApiServer.Pipeline;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Authorization;

/// <summary>Answers "who am I" and "may I".</summary>
internal sealed class AccessReviews(ObjectPipeline pipeline, RbacAuthorizer authorizer, TokenAuthenticator authenticator)
{
    public JsonObject Answer(ServedKind kind, string? namespaceName, JsonObject value, WriteContext context)
    {
        var spec = value.Object("spec") ?? [];
        var answer = new JsonObject { ["kind"] = kind.Kind.Kind, ["apiVersion"] = kind.Kind.ApiVersion, ["metadata"] = new JsonObject() };
        if (kind.Kind.Kind == "SelfSubjectReview")
        {
            answer["metadata"] = new JsonObject { ["creationTimestamp"] = pipeline.Now };
            answer["status"] = new JsonObject { ["userInfo"] = UserInfo(context.User) };
            return answer;
        }

        answer["spec"] = Cleaned(spec);
        answer["status"] = kind.Kind.Kind switch
        {
            "TokenReview" => Token(spec),
            "SelfSubjectRulesReview" => Rules(context.User, spec.Text("namespace")),
            _ => Access(kind, namespaceName, spec, context),
        };
        if (kind.Kind.Kind == "SelfSubjectRulesReview") answer["spec"] = new JsonObject();
        return answer;
    }

    private static JsonObject Cleaned(JsonObject spec)
    {
        var copy = spec.CopyObject();
        foreach (var part in copy.Select(static p => p.Value).OfType<JsonObject>())
        {
            foreach (var key in part.Where(static p => p.Value.Text() == "").Select(static p => p.Key).ToArray()) part.Remove(key);
        }

        return copy;
    }

    private JsonObject Access(ServedKind kind, string? namespaceName, JsonObject spec, WriteContext context)
    {
        var resource = spec.Object("resourceAttributes");
        var path = spec.Object("nonResourceAttributes");
        if (resource is null == path is null)
            throw StatusErrors.Invalid("", kind.Kind.Group, "", [new("FieldValueInvalid", "spec.resourceAttributes", "Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified")]);
        var self = kind.Kind.Kind == "SelfSubjectAccessReview";
        if (!self && spec.Text("user") is null or "" && spec.Array("groups") is null or { Count: 0 })
            throw StatusErrors.Invalid("", kind.Kind.Group, "", [new("FieldValueRequired", "spec.user", "Required value: at least one of user or group must be specified")]);
        if (kind.Kind.Kind == "LocalSubjectAccessReview" && resource.Text("namespace") != namespaceName)
            throw StatusErrors.BadRequest($"spec.resourceAttributes.namespace must match namespace: {namespaceName}");
        var user = self ? context.User : new RequestUser(spec.Text("user") ?? "", spec.Text("uid"), [.. spec.Array("groups").Texts()]);
        var why = authorizer.Allows(user, new AccessRequest
        {
            Verb = resource.Text("verb") ?? path.Text("verb") ?? "",
            Group = resource.Text("group") ?? "",
            Resource = resource.Text("resource") ?? "",
            Subresource = resource.Text("subresource"),
            Namespace = resource.Text("namespace"),
            Name = resource.Text("name"),
            Path = path.Text("path"),
        });
        var status = new JsonObject { ["allowed"] = why is not null };
        if (why is { Length: > 0 }) status["reason"] = why;
        return status;
    }

    private JsonObject Rules(RequestUser user, string? namespaceName)
    {
        var resources = new JsonArray();
        var paths = new JsonArray();
        if (!authorizer.IsEnabled || user.IsMaster)
        {
            resources.AddNode(new JsonObject { ["verbs"] = new JsonArray("*"), ["apiGroups"] = new JsonArray("*"), ["resources"] = new JsonArray("*") });
            paths.AddNode(new JsonObject { ["verbs"] = new JsonArray("*"), ["nonResourceURLs"] = new JsonArray("*") });
        }

        lock (pipeline.Store.Gate)
        {
            foreach (var rule in authorizer.RulesOf(user, namespaceName).SelectMany(static r => r.Rules))
            {
                if (rule.Array("resources") is { Count: > 0 })
                {
                    var copy = new JsonObject();
                    foreach (var field in (ReadOnlySpan<string>)["verbs", "apiGroups", "resources", "resourceNames"]) copy.Put(field, rule[field]?.DeepClone());
                    resources.AddNode(copy);
                }

                if (rule.Array("nonResourceURLs") is { Count: > 0 })
                    paths.AddNode(new JsonObject { ["verbs"] = rule["verbs"]?.DeepClone(), ["nonResourceURLs"] = rule["nonResourceURLs"]?.DeepClone() });
            }
        }

        return new JsonObject { ["resourceRules"] = resources, ["nonResourceRules"] = paths, ["incomplete"] = false };
    }

    private JsonObject Token(JsonObject spec)
    {
        if (authenticator.Find(spec.Text("token") ?? "") is not { } user) return new JsonObject { ["user"] = new JsonObject(), ["error"] = "invalid bearer token" };
        var status = new JsonObject { ["authenticated"] = true, ["user"] = UserInfo(user) };
        if (user.Name.StartsWith("system:serviceaccount:", StringComparison.Ordinal)) status["audiences"] = new JsonArray(ServiceAccountTokens.Audience);
        return status;
    }

    private static JsonObject UserInfo(RequestUser user)
    {
        var info = new JsonObject { ["username"] = user.Name };
        if (user.Uid is { Length: > 0 }) info["uid"] = user.Uid;
        info["groups"] = new JsonArray([.. user.Groups.Select(static g => (JsonNode)JsonValue.Create(g))]);
        if (user.TokenId is { } id) info["extra"] = new JsonObject { ["authentication.kubernetes.io/credential-id"] = new JsonArray("JTI=" + id) };
        return info;
    }
}
