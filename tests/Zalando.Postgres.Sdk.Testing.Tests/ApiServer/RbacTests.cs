using System.Text.Json.Nodes;
using Xunit;
using Zalando.Postgres.Sdk.Kubernetes.Yaml;
using Zalando.Postgres.Sdk.Testing.ApiServer;

namespace Zalando.Postgres.Sdk.Testing.Tests.ApiServer;

public sealed class RbacTests
{
    private const string Group = "rbac.authorization.k8s.io";

    [Theory]
    [InlineData("GET", "/api/v1/namespaces/default/configmaps/one", 404)]
    [InlineData("GET", "/api/v1/namespaces/default/configmaps/other", 403)]
    [InlineData("GET", "/api/v1/namespaces/default/configmaps", 403)]
    [InlineData("GET", "/api/v1/namespaces/default/pods", 200)]
    [InlineData("GET", "/api/v1/namespaces/default/pods/p/log", 403)]
    [InlineData("GET", "/api/v1/namespaces/kube-system/pods", 403)]
    [InlineData("GET", "/api/v1/pods", 403)]
    [InlineData("GET", "/apis/apps/v1/deployments", 200)]
    [InlineData("GET", "/apis/apps/v1/namespaces/default/deployments/d/scale", 404)]
    [InlineData("GET", "/custom/path", 404)]
    [InlineData("GET", "/other/path", 403)]
    public async Task A_rule_covers_what_it_names_and_nothing_else(string method, string path, int code)
    {
        await using var server = await StartAsync();
        using var http = server.Client(bearer: "alice");

        Assert.Equal(code, (await http.SendAsync(method, path)).Code);
    }

    [Fact]
    public async Task A_refusal_names_user_verb_resource_and_scope()
    {
        await using var server = await StartAsync();
        using var http = server.Client(bearer: "alice");

        var (_, answer) = await http.SendAsync("DELETE", "/api/v1/namespaces/default/pods/p");

        Assert.Equal("pods \"p\" is forbidden: User \"alice\" cannot delete resource \"pods\" in API group \"\" in the namespace \"default\"", (string?)answer["message"]);
    }

    [Fact]
    public async Task Nobody_hands_out_rights_he_has_not_got_unless_he_may_escalate_or_bind()
    {
        await using var server = await StartAsync();
        using var alice = server.Client(bearer: "alice");
        const string Roles = $"/apis/{Group}/v1/namespaces/default/roles";
        static string Role(string name, string verb) => $$"""{"apiVersion":"{{Group}}/v1","kind":"Role","metadata":{"name":"{{name}}"},"rules":[{"apiGroups":[""],"resources":["pods"],"verbs":["{{verb}}"]}]}""";

        Assert.Equal(201, (await alice.SendAsync("POST", Roles, Role("same", "list"))).Code);
        Assert.Equal(403, (await alice.SendAsync("POST", Roles, Role("more", "delete"))).Code);
        Assert.Equal(403, (await alice.SendAsync("PUT", Roles + "/same", Role("same", "*"))).Code);
        Assert.Equal(403, (await alice.SendAsync("POST", $"/apis/{Group}/v1/clusterroles", $$$"""{"apiVersion":"{{{Group}}}/v1","kind":"ClusterRole","metadata":{"name":"gather"},"aggregationRule":{"clusterRoleSelectors":[{"matchLabels":{"x":"y"}}]}}""")).Code);
        Assert.Equal(403, (await alice.SendAsync("POST", $"/apis/{Group}/v1/namespaces/default/rolebindings", $$$"""{"apiVersion":"{{{Group}}}/v1","kind":"RoleBinding","metadata":{"name":"b"},"roleRef":{"apiGroup":"{{{Group}}}","kind":"ClusterRole","name":"cluster-admin"},"subjects":[{"kind":"User","apiGroup":"{{{Group}}}","name":"alice"}]}""")).Code);

        Apply(server, $$"""
            apiVersion: {{Group}}/v1
            kind: ClusterRole
            metadata: { name: escalator }
            rules: [{ apiGroups: ["{{Group}}"], resources: [roles, clusterroles], verbs: [escalate, bind] }]
            ---
            apiVersion: {{Group}}/v1
            kind: ClusterRoleBinding
            metadata: { name: escalator }
            roleRef: { apiGroup: {{Group}}, kind: ClusterRole, name: escalator }
            subjects: [{ kind: User, apiGroup: {{Group}}, name: alice }]
            """);
        Assert.Equal(201, (await alice.SendAsync("POST", Roles, Role("more", "delete"))).Code);
    }

    [Fact]
    public async Task A_role_gathers_the_rules_of_others_by_their_labels()
    {
        await using var server = await InMemoryApiServer.StartAsync(Options() with { Controllers = ["clusterrole-aggregation"] }, Requests.Token);
        Fill(server);
        Apply(server, $$"""
            apiVersion: {{Group}}/v1
            kind: ClusterRole
            metadata: { name: sum }
            aggregationRule: { clusterRoleSelectors: [{ matchLabels: { part: "yes" } }] }
            ---
            apiVersion: {{Group}}/v1
            kind: ClusterRole
            metadata: { name: part, labels: { part: "yes" } }
            rules: [{ apiGroups: [""], resources: [secrets], verbs: [list] }]
            ---
            apiVersion: {{Group}}/v1
            kind: ClusterRoleBinding
            metadata: { name: sum }
            roleRef: { apiGroup: {{Group}}, kind: ClusterRole, name: sum }
            subjects: [{ kind: Group, apiGroup: {{Group}}, name: developers }]
            """);
        await server.Controllers!.SettleAsync(Requests.Token);
        using var http = server.Client(bearer: "alice");

        Assert.Equal(200, (await http.SendAsync("GET", "/api/v1/secrets")).Code);
    }

    [Fact]
    public async Task Reviews_tell_what_a_user_may_and_who_a_token_is()
    {
        await using var server = await StartAsync();
        using var alice = server.Client(bearer: "alice");
        using var admin = server.Client(bearer: "admin");

        var (_, own) = await alice.SendAsync("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", Review("SelfSubjectAccessReview", "list", "pods", null));
        var (_, other) = await admin.SendAsync("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", Review("SubjectAccessReview", "delete", "pods", "alice"));
        var (_, rules) = await alice.SendAsync("POST", "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", """{"apiVersion":"authorization.k8s.io/v1","kind":"SelfSubjectRulesReview","spec":{"namespace":"default"}}""");
        var (_, token) = await admin.SendAsync("POST", "/apis/authentication.k8s.io/v1/tokenreviews", """{"apiVersion":"authentication.k8s.io/v1","kind":"TokenReview","spec":{"token":"alice"}}""");
        var (denied, _) = await alice.SendAsync("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", Review("SubjectAccessReview", "delete", "pods", "bob"));

        Assert.True((bool?)own["status"]!["allowed"]);
        Assert.False((bool?)other["status"]!["allowed"]);
        Assert.Contains(rules["status"]!["resourceRules"]!.AsArray(), static r => r!["resourceNames"] is JsonArray names && (string?)names[0] == "one");
        Assert.Equal("alice", (string?)token["status"]!["user"]!["username"]);
        Assert.Equal(403, denied);
    }

    [Fact]
    public async Task Only_who_may_impersonate_speaks_for_others()
    {
        await using var server = await StartAsync();
        using var admin = server.Client(bearer: "admin");
        using var alice = server.Client(bearer: "alice");
        foreach (var http in (HttpClient[])[admin, alice]) http.DefaultRequestHeaders.Add("Impersonate-User", "system:serviceaccount:default:worker");

        var (_, who) = await admin.SendAsync("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", """{"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"}""");
        var (asWorker, _) = await admin.SendAsync("GET", "/api/v1/secrets");
        var (denied, answer) = await alice.SendAsync("GET", "/api/v1/namespaces/default/pods");

        Assert.Equal("system:serviceaccount:default:worker", (string?)who["status"]!["userInfo"]!["username"]);
        Assert.Equal((403, 403), (asWorker, denied));
        Assert.Contains("cannot impersonate resource \"serviceaccounts\"", (string?)answer["message"], StringComparison.Ordinal);
    }

    private static ApiServerOptions Options() => new()
    {
        Controllers = [], Authorization = AuthorizationMode.Rbac,
        TokenUsers = [new TokenUser("alice", new RequestUser("alice", null, ["developers"])), new TokenUser("admin", new RequestUser("admin", null, ["system:masters"]))],
    };

    private static async Task<InMemoryApiServer> StartAsync()
    {
        var server = await InMemoryApiServer.StartAsync(Options(), Requests.Token);
        Fill(server);
        return server;
    }

    private static void Fill(InMemoryApiServer server) => Apply(server, $$"""
        apiVersion: {{Group}}/v1
        kind: Role
        metadata: { name: some, namespace: default }
        rules:
        - { apiGroups: [""], resources: [configmaps], resourceNames: [one], verbs: [get] }
        - { apiGroups: [""], resources: [pods], verbs: [list] }
        - { apiGroups: ["{{Group}}"], resources: [roles, rolebindings], verbs: [get, create, update] }
        ---
        apiVersion: {{Group}}/v1
        kind: RoleBinding
        metadata: { name: some, namespace: default }
        roleRef: { apiGroup: {{Group}}, kind: Role, name: some }
        subjects: [{ kind: Group, apiGroup: {{Group}}, name: developers }]
        ---
        apiVersion: {{Group}}/v1
        kind: ClusterRole
        metadata: { name: wide }
        rules:
        - { apiGroups: [apps], resources: ["*", "*/scale"], verbs: [get, list] }
        - { apiGroups: ["{{Group}}"], resources: [clusterroles], verbs: [create] }
        - { nonResourceURLs: ["/custom/*"], verbs: [get] }
        ---
        apiVersion: {{Group}}/v1
        kind: ClusterRoleBinding
        metadata: { name: wide }
        roleRef: { apiGroup: {{Group}}, kind: ClusterRole, name: wide }
        subjects: [{ kind: User, apiGroup: {{Group}}, name: alice }]
        """);

    private static void Apply(InMemoryApiServer server, string yaml)
    {
        foreach (var value in KubernetesYaml.Parse(yaml))
            server.Access.Create(server.Access.Kinds.Single(k => k.Kind == (string?)value["kind"] && k.ApiVersion == (string?)value["apiVersion"]), value);
    }

    private static string Review(string kind, string verb, string resource, string? user) => new JsonObject
    {
        ["apiVersion"] = "authorization.k8s.io/v1", ["kind"] = kind,
        ["spec"] = new JsonObject { ["user"] = user, ["resourceAttributes"] = new JsonObject { ["namespace"] = "default", ["verb"] = verb, ["resource"] = resource } },
    }.ToJsonString();
}
