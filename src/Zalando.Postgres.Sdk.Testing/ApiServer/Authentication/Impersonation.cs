using Microsoft.AspNetCore.Http;
using Zalando.Postgres.Sdk.Testing.ApiServer.Authorization;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Authentication;

/// <summary>A request in another's name (<c>kubectl --as</c>), for those who may impersonate.</summary>
internal static class Impersonation
{
    private const string ServiceAccount = "system:serviceaccount:";

    public static RequestUser Of(HttpContext http, RequestUser user, RbacAuthorizer authorizer)
    {
        var name = http.Request.Headers["Impersonate-User"].ToString();
        var groups = http.Request.Headers["Impersonate-Group"].OfType<string>().Where(static g => g.Length > 0).ToList();
        var uid = http.Request.Headers["Impersonate-Uid"].ToString();
        if (name.Length == 0)
        {
            if (groups.Count > 0 || uid.Length > 0) throw StatusErrors.InternalError("requested groups or a uid without impersonating a user");
            return user;
        }

        if (name.StartsWith(ServiceAccount, StringComparison.Ordinal) && name[ServiceAccount.Length..].Split(':') is [var space, var account])
        {
            Check(user, "", "serviceaccounts", account, space, authorizer);
            if (groups.Count == 0) groups = ["system:serviceaccounts", "system:serviceaccounts:" + space];
        }
        else Check(user, "", "users", name, null, authorizer);
        foreach (var group in http.Request.Headers["Impersonate-Group"].OfType<string>()) Check(user, "", "groups", group, null, authorizer);
        if (uid.Length > 0) Check(user, "authentication.k8s.io", "uids", uid, null, authorizer);
        var other = new RequestUser(name, uid.Length > 0 ? uid : null, groups);
        return name == RequestUser.Anonymous.Name ? other : TokenAuthenticator.WithAuthenticated(other);
    }

    private static void Check(RequestUser user, string group, string resource, string name, string? space, RbacAuthorizer authorizer)
    {
        if (authorizer.Allows(user, new AccessRequest { Verb = "impersonate", Group = group, Resource = resource, Name = name, Namespace = space }) is not null) return;
        var scope = space is null ? "at the cluster scope" : $"in the namespace {StatusErrors.Quote(space)}";
        throw StatusErrors.Forbidden(group, resource, name, $"User {StatusErrors.Quote(user.Name)} cannot impersonate resource {StatusErrors.Quote(resource)} in API group {StatusErrors.Quote(group)} {scope}");
    }
}
