using System.Text;
using System.Text.Json.Nodes;
using Xunit;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Testing.ApiServer;

namespace Zalando.Postgres.Sdk.Testing.Tests.ApiServer;

public sealed class AdmissionTests
{
    private const string Maps = "/api/v1/namespaces/default/configmaps";

    [Fact]
    public async Task A_hook_changes_the_pods_that_the_stateful_set_controller_makes()
    {
        await using var environment = await KubernetesTestEnvironment.StartAsync(cancellationToken: Requests.Token);
        environment.Server.Admission.Mutate("pods", static pod => pod["metadata"]!["labels"]!["injected"] = "yes");

        await environment.ApplyAsync(Manifests.StatefulSet("db", 2), Requests.Token);
        await environment.SettleAsync(Requests.Token);

        Assert.Equal(["yes", "yes"], environment.Objects.List(KubernetesKinds.Pod, "default").Select(static p => (string?)p["metadata"]!["labels"]!["injected"]));
    }

    [Fact]
    public async Task A_hook_refuses_until_it_is_ended()
    {
        await using var server = await StartAsync();
        using var http = server.Client();
        var hook = server.Admission.Validate("configmaps", static m => (string?)m["metadata"]!["name"] == "bad" ? "no such name" : null);

        var (refused, answer) = await http.SendAsync("POST", Maps, Requests.ConfigMap("bad"));
        var (passed, _) = await http.SendAsync("POST", Maps, Requests.ConfigMap("good"));
        hook.Dispose();
        var (after, _) = await http.SendAsync("POST", Maps, Requests.ConfigMap("bad"));

        Assert.Equal((403, 201, 201), (refused, passed, after));
        Assert.Contains("no such name", (string?)answer["message"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_interceptor_sees_every_operation_with_the_state_before_and_after()
    {
        await using var server = await StartAsync();
        using var http = server.Client();
        var seen = new List<string>();
        server.Admission.Intercept(r =>
        {
            if (r.Kind.Kind == "ConfigMap") seen.Add($"{r.Operation} {r.Name} {(r.OldObject is null ? "-" : "old")} {(r.Object is null ? "-" : "new")} {r.DryRun}");
            return null;
        });

        await http.SendAsync("POST", Maps + "?dryRun=All", Requests.ConfigMap("a"));
        await http.SendAsync("POST", Maps, Requests.ConfigMap("a"));
        await http.SendAsync("PATCH", Maps + "/a", """{"data":{"k":"v"}}""", "application/merge-patch+json");
        await http.SendAsync("DELETE", Maps + "/a");

        Assert.Equal(["CREATE a - new True", "CREATE a - new False", "UPDATE a old new False", "DELETE a old - False"], seen);
    }

    [Fact]
    public async Task What_a_webhook_adds_is_stored_with_its_defaults_and_shown_to_the_validating_ones()
    {
        await using var server = await StartAsync();
        using var http = server.Client();
        await using var mutating = await WebhookServer.StartAsync(static _ => Patch("""[{"op":"add","path":"/spec/containers/-","value":{"name":"side","image":"side"}}]"""));
        await using var validating = await WebhookServer.StartAsync(static _ => new JsonObject { ["allowed"] = true, ["warnings"] = new JsonArray("mind the side") });
        await ConfigureAsync(http, "Mutating", mutating.Url, "pods");
        await ConfigureAsync(http, "Validating", validating.Url, "pods");

        var (code, pod) = await http.SendAsync("POST", "/api/v1/namespaces/default/pods", """{"apiVersion":"v1","kind":"Pod","metadata":{"generateName":"p-"},"spec":{"containers":[{"name":"main","image":"main"}]}}""");

        Assert.Equal(201, code);
        var containers = pod["spec"]!["containers"]!.AsArray();
        Assert.Equal(["main", "side"], containers.Select(static c => (string?)c!["name"]));
        Assert.Equal("/dev/termination-log", (string?)containers[1]!["terminationMessagePath"]);
        var asked = Assert.Single(mutating.Seen);
        Assert.Equal((string?)pod["metadata"]!["name"], (string?)asked["name"]);
        Assert.Equal(("CREATE", "default", false), ((string?)asked["operation"], (string?)asked["namespace"], (bool?)asked["dryRun"]));
        Assert.Null(asked["oldObject"]);
        Assert.Equal(2, Assert.Single(validating.Seen)["object"]!["spec"]!["containers"]!.AsArray().Count);
    }

    [Fact]
    public async Task A_refusal_of_a_webhook_comes_with_its_code_and_words_and_nothing_is_stored()
    {
        await using var server = await StartAsync();
        using var http = server.Client();
        await using var webhook = await WebhookServer.StartAsync(static _ => new JsonObject { ["allowed"] = false, ["status"] = new JsonObject { ["code"] = 422, ["reason"] = "Invalid", ["message"] = "too small" } });
        await ConfigureAsync(http, "Validating", webhook.Url, "configmaps");

        var (code, answer) = await http.SendAsync("POST", Maps, Requests.ConfigMap("a"));

        Assert.Equal(422, code);
        Assert.Equal("admission webhook \"one.example.com\" denied the request: too small", (string?)answer["message"]);
        Assert.Null(server.Access.Get(KubernetesKinds.ConfigMap, "default", "a"));
    }

    [Theory]
    [InlineData("Fail", 500)]
    [InlineData("Ignore", 201)]
    public async Task A_webhook_that_fails_stops_the_write_unless_its_policy_says_otherwise(string policy, int expected)
    {
        await using var server = await StartAsync();
        using var http = server.Client();
        await using var webhook = await WebhookServer.StartAsync(static _ => null);
        await ConfigureAsync(http, "Validating", webhook.Url, "configmaps", $"\"failurePolicy\":\"{policy}\"");

        var (code, answer) = await http.SendAsync("POST", Maps, Requests.ConfigMap("a"));

        Assert.Equal(expected, code);
        if (code == 500) Assert.Contains("failed calling webhook \"one.example.com\"", (string?)answer["message"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Selectors_and_scopes_and_conditions_choose_what_a_webhook_sees()
    {
        await using var server = await StartAsync();
        using var http = server.Client();
        await using var webhook = await WebhookServer.StartAsync(static _ => new JsonObject { ["allowed"] = true });
        await ConfigureAsync(http, "Validating", webhook.Url, "*",
            """
            "objectSelector":{"matchLabels":{"watched":"yes"}},"namespaceSelector":{"matchLabels":{"kubernetes.io/metadata.name":"default"}},"matchConditions":[{"name":"n","expression":"object.metadata.name != 'skipped'"}]
            """);

        await http.SendAsync("POST", Maps, Requests.ConfigMap("plain"));
        await http.SendAsync("POST", Maps, Requests.ConfigMap("skipped", """,  "labels":{"watched":"yes"}"""));
        await http.SendAsync("POST", Maps, Requests.ConfigMap("watched", """,  "labels":{"watched":"yes"}"""));
        await http.SendAsync("POST", "/api/v1/namespaces/kube-system/configmaps", Requests.ConfigMap("elsewhere", """,  "labels":{"watched":"yes"}"""));

        Assert.Equal(["watched"], webhook.Seen.Select(static r => (string?)r["name"]));
    }

    [Fact]
    public async Task A_dry_run_is_told_to_webhooks_and_those_with_side_effects_are_refused()
    {
        await using var server = await StartAsync();
        using var http = server.Client();
        await using var webhook = await WebhookServer.StartAsync(static _ => new JsonObject { ["allowed"] = true });
        await ConfigureAsync(http, "Validating", webhook.Url, "configmaps");

        Assert.Equal(201, (await http.SendAsync("POST", Maps + "?dryRun=All", Requests.ConfigMap("a"))).Code);
        Assert.True((bool?)Assert.Single(webhook.Seen)["dryRun"]);
        Assert.Equal(422, (await http.SendAsync("POST", "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations", Configuration("Validating", webhook.Url, "configmaps", "\"sideEffects\":\"Some\"", "other"))).Code);
    }

    [Fact]
    public async Task A_webhook_that_asked_for_it_looks_again_at_what_a_later_one_changed()
    {
        await using var server = await StartAsync();
        using var http = server.Client();
        await using var first = await WebhookServer.StartAsync(static r => r["object"]!["data"]?["late"] is null ? new JsonObject { ["allowed"] = true } : Patch("""[{"op":"add","path":"/data/seen","value":"1"}]"""));
        await using var second = await WebhookServer.StartAsync(static _ => Patch("""[{"op":"add","path":"/data","value":{"late":"1"}}]"""));
        await ConfigureAsync(http, "Mutating", first.Url, "configmaps", "\"reinvocationPolicy\":\"IfNeeded\"", "a");
        await ConfigureAsync(http, "Mutating", second.Url, "configmaps", name: "b");

        var (_, map) = await http.SendAsync("POST", Maps, Requests.ConfigMap("m"));

        Assert.Equal("1", (string?)map["data"]!["seen"]);
        Assert.Equal((2, 1), (first.Seen.Count, second.Seen.Count));
    }

    [Fact]
    public async Task A_webhook_may_use_the_server_and_an_update_in_between_makes_it_look_again()
    {
        await using var server = await StartAsync();
        using var http = server.Client();
        await http.SendAsync("POST", Maps, Requests.ConfigMap("a"));
        var disturbed = false;
        await using var webhook = await WebhookServer.StartAsync(_ =>
        {
            if (!disturbed)
            {
                disturbed = true;
                server.Access.Update(KubernetesKinds.ConfigMap, (JsonObject)JsonNode.Parse(Requests.ConfigMap("a", ",\"namespace\":\"default\""))!);
            }

            return Patch("""[{"op":"add","path":"/metadata/annotations","value":{"by":"webhook"}}]""");
        });
        await ConfigureAsync(http, "Mutating", webhook.Url, "configmaps");

        var (code, map) = await http.SendAsync("PATCH", Maps + "/a", """{"data":{"k":"v"}}""", "application/merge-patch+json");

        Assert.Equal(200, code);
        Assert.Equal(("v", "webhook"), ((string?)map["data"]!["k"], (string?)map["metadata"]!["annotations"]!["by"]));
    }

    [Fact]
    public async Task A_webhook_behind_a_service_is_found_through_the_options()
    {
        await using var webhook = await WebhookServer.StartAsync(static _ => new JsonObject { ["allowed"] = true });
        await using var server = await InMemoryApiServer.StartAsync(new ApiServerOptions
        {
            Controllers = [],
            ResolveWebhookService = s => (s.Namespace, s.Name, s.Port) == ("ops", "hook", 443) ? new Uri(webhook.Url + s.Path) : null,
        }, Requests.Token);
        using var http = server.Client();
        var text = Configuration("Validating", webhook.Url, "configmaps", null, "a").Replace($"\"url\":\"{webhook.Url}\"", "\"service\":{\"namespace\":\"ops\",\"name\":\"hook\",\"path\":\"/check\"}", StringComparison.Ordinal);
        Assert.Equal(201, (await http.SendAsync("POST", "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations", text)).Code);

        Assert.Equal(201, (await http.SendAsync("POST", Maps, Requests.ConfigMap("a"))).Code);
        Assert.Single(webhook.Seen);
    }

    [Fact]
    public async Task A_faulty_configuration_is_refused_with_all_its_faults()
    {
        await using var server = await StartAsync();
        using var http = server.Client();

        var (code, answer) = await http.SendAsync("POST", "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations",
            """{"apiVersion":"admissionregistration.k8s.io/v1","kind":"ValidatingWebhookConfiguration","metadata":{"name":"x"},"webhooks":[{"name":"short","clientConfig":{},"rules":[{"operations":["READ"],"apiGroups":["*"],"apiVersions":["*"],"resources":["*"]}],"timeoutSeconds":99}]}""");

        Assert.Equal(422, code);
        Assert.Equal(["webhooks[0].name", "webhooks[0].admissionReviewVersions", "webhooks[0].sideEffects", "webhooks[0].timeoutSeconds", "webhooks[0].clientConfig", "webhooks[0].rules[0].operations"],
            answer["details"]!["causes"]!.AsArray().Select(static c => (string?)c!["field"]));
    }

    private static Task<InMemoryApiServer> StartAsync() => InMemoryApiServer.StartAsync(new ApiServerOptions { Controllers = [] }, Requests.Token);

    private static JsonObject Patch(string patch) => new() { ["allowed"] = true, ["patchType"] = "JSONPatch", ["patch"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(patch)) };

    private static async Task ConfigureAsync(HttpClient http, string kind, string url, string resource, string? extra = null, string name = "one")
    {
        var (code, answer) = await http.SendAsync("POST", $"/apis/admissionregistration.k8s.io/v1/{kind.ToLowerInvariant()}webhookconfigurations", Configuration(kind, url, resource, extra, name));
        Assert.True(code == 201, answer.ToJsonString());
    }

    private static string Configuration(string kind, string url, string resource, string? extra, string name)
    {
        var webhook = new JsonObject
        {
            ["name"] = name + ".example.com", ["admissionReviewVersions"] = new JsonArray("v1"), ["sideEffects"] = "None", ["clientConfig"] = new JsonObject { ["url"] = url },
            ["rules"] = new JsonArray(new JsonObject { ["operations"] = new JsonArray("*"), ["apiGroups"] = new JsonArray(""), ["apiVersions"] = new JsonArray("v1"), ["resources"] = new JsonArray(resource) }),
        };
        foreach (var (key, value) in extra is null ? [] : (JsonObject)JsonNode.Parse("{" + extra + "}")!) webhook[key] = value?.DeepClone();
        return new JsonObject { ["apiVersion"] = "admissionregistration.k8s.io/v1", ["kind"] = kind + "WebhookConfiguration", ["metadata"] = new JsonObject { ["name"] = name }, ["webhooks"] = new JsonArray(webhook) }.ToJsonString();
    }
}
