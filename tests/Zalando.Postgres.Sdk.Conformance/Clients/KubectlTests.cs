using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Conformance.Clients;

/// <summary>What people type, with the output they expect, on an old and on a new kubectl.</summary>
public sealed partial class KubectlTests
{
    private const string StatefulSet = """
        apiVersion: apps/v1
        kind: StatefulSet
        metadata: { name: db, labels: { app: db } }
        spec:
          replicas: 2
          serviceName: db
          selector: { matchLabels: { app: db } }
          template:
            metadata: { labels: { app: db } }
            spec:
              containers: [{ name: postgres, image: "spilo:1" }]
        """;

    public static TheoryData<string> Versions => [Kubectl.OfTheMachine, Kubectl.OfDebian];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Objects_are_shown_in_every_form(string which)
    {
        await using var kubectl = await Kubectl.StartAsync(which, Stop);
        Assert.Equal("statefulset.apps/db created", await kubectl.RunAsync("create", "-f", await kubectl.FileAsync("db.yaml", StatefulSet)));
        await kubectl.RunAsync("rollout", "status", "statefulset/db", "--timeout=60s");

        AssertTable("NAME READY AGE|db 2/2 <age>", await kubectl.RunAsync("get", "statefulsets"));
        AssertTable("NAME READY AGE CONTAINERS IMAGES|db 2/2 <age> postgres spilo:1", await kubectl.RunAsync("get", "sts", "db", "-o", "wide"));
        AssertTable("NAME READY STATUS RESTARTS AGE|db-0 1/1 Running 0 <age>|db-1 1/1 Running 0 <age>", await kubectl.RunAsync("get", "pods"));
        AssertTable("db-0 1/1 Running 0 <age> app=db,apps.kubernetes.io/pod-index=0,controller-revision-hash=<hash>,statefulset.kubernetes.io/pod-name=db-0",
            await kubectl.RunAsync("get", "pods", "--field-selector", "metadata.name=db-0", "--show-labels", "--no-headers"));
        AssertTable("NAMESPACE NAME READY STATUS RESTARTS AGE APP|default db-0 1/1 Running 0 <age> db|default db-1 1/1 Running 0 <age> db", await kubectl.RunAsync("get", "pods", "-A", "-L", "app"));
        Assert.Equal("pod/db-0\npod/db-1", await kubectl.RunAsync("get", "pods", "-l", "app in (db,other)", "-o", "name", "--chunk-size=1"));
        await kubectl.RunAsync("annotate", "pod", "db-0", "order=2");
        await kubectl.RunAsync("annotate", "pod", "db-1", "order=1");
        Assert.Equal("pod/db-1\npod/db-0", await kubectl.RunAsync("get", "pods", "--sort-by=.metadata.annotations.order", "-o", "name"));
        Assert.Equal("db-0=Running db-1=Running", await kubectl.RunAsync("get", "pods", "-o", "jsonpath={range .items[*]}{.metadata.name}={.status.phase} {end}"));
        AssertTable("WHO IMAGE|db-0 spilo:1|db-1 spilo:1", await kubectl.RunAsync("get", "pods", "-o", "custom-columns=WHO:.metadata.name,IMAGE:.spec.containers[0].image"));
        Assert.Equal("db-0 db-1 ", (await kubectl.ResultAsync(["get", "pods", "-o", "go-template={{range .items}}{{.metadata.name}} {{end}}"], null)).Output);
        Assert.Equal("db", JsonNode.Parse(await kubectl.RunAsync("get", "statefulset", "db", "-o", "json"))!["spec"]!["template"]!["metadata"]!["labels"]!["app"]!.GetValue<string>());
        Assert.Contains("\n  serviceName: db\n", await kubectl.RunAsync("get", "statefulset", "db", "-o", "yaml"), StringComparison.Ordinal);
        AssertTable("NAME READY AGE|statefulset.apps/db 2/2 <age>", (await kubectl.RunAsync("get", "all")).Split("\n\n")[^1]);
        Assert.Contains("Pods Status:        2 Running / 0 Waiting / 0 Succeeded / 0 Failed", await kubectl.RunAsync("describe", "statefulset", "db"), StringComparison.Ordinal);
        Assert.Matches("Controlled By: +StatefulSet/db", await kubectl.RunAsync("describe", "pod", "db-0"));
        Assert.Equal("db", JsonNode.Parse(await kubectl.RunAsync("get", "--raw", "/apis/apps/v1/namespaces/default/statefulsets/db"))!["metadata"]!["name"]!.GetValue<string>());
        Assert.Equal("No resources found in default namespace.", (await kubectl.ResultAsync(["get", "pods", "-l", "app=nothing"], null)).Errors.TrimEnd());
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Objects_are_created_and_changed_by_hand(string which)
    {
        await using var kubectl = await Kubectl.StartAsync(which, Stop);
        Assert.Equal("namespace/team created", await kubectl.RunAsync("create", "namespace", "team"));
        Assert.Equal("configmap/settings created", await kubectl.RunAsync("create", "configmap", "settings", "--from-literal=a=1", "--from-literal=b=2", "-n", "team"));
        Assert.Equal("secret/login created", await kubectl.RunAsync("create", "secret", "generic", "login", "--from-literal=password=x"));
        Assert.Equal("eA==", await kubectl.RunAsync("get", "secret", "login", "-o", "jsonpath={.data.password}"));
        Assert.Equal("serviceaccount/bot created", await kubectl.RunAsync("create", "serviceaccount", "bot"));
        Assert.Equal("service/web created", await kubectl.RunAsync("create", "service", "clusterip", "web", "--tcp=80:8080"));
        Assert.Equal("8080", await kubectl.RunAsync("get", "service", "web", "-o", "jsonpath={.spec.ports[0].targetPort}"));
        Assert.Equal("job.batch/once created", await kubectl.RunAsync("create", "job", "once", "--image=busybox", "--", "true"));
        Assert.Equal("job.batch/once condition met", await kubectl.RunAsync("wait", "--for=condition=Complete", "job/once", "--timeout=60s"));
        Assert.Equal("resourcequota/limits created", await kubectl.RunAsync("create", "quota", "limits", "--hard=pods=3,requests.memory=1Gi"));
        Assert.Equal("1Gi", await kubectl.RunAsync("get", "resourcequota", "limits", "-o", "jsonpath={.spec.hard.requests\\.memory}"));
        if (kubectl.Minor >= 21)
        {
            // Older ones ask for a version of the group that servers of today do not have.
            Assert.Equal("poddisruptionbudget.policy/web created", await kubectl.RunAsync("create", "pdb", "web", "--selector=app=web", "--min-available=50%"));
            Assert.Equal("cronjob.batch/daily created", await kubectl.RunAsync("create", "cronjob", "daily", "--image=busybox", "--schedule=0 3 * * *", "--", "backup", "--all"));
            Assert.Equal("job.batch/now created", await kubectl.RunAsync("create", "job", "now", "--from=cronjob/daily"));
            Assert.Equal("""["backup","--all"]""", await kubectl.RunAsync("get", "job", "now", "-o", "jsonpath={.spec.template.spec.containers[0].command}"));
        }

        string[] inTeam = ["-n", "team"];
        Assert.Equal("configmap/settings labeled", await kubectl.RunAsync(["label", "configmap", "settings", "colour=red", .. inTeam]));
        Assert.Equal("error: 'colour' already has a value (red), and --overwrite is false", await kubectl.FailAsync(["label", "configmap", "settings", "colour=blue", .. inTeam]));
        Assert.Equal("configmap/settings labeled", await kubectl.RunAsync(["label", "configmap", "settings", "colour=blue", "--overwrite", .. inTeam]));
        Assert.Equal("configmap/settings annotated", await kubectl.RunAsync(["annotate", "configmap", "settings", "note=two words", .. inTeam]));
        Assert.Equal("configmap/settings patched", await kubectl.RunAsync(["patch", "configmap", "settings", "--type=merge", "-p", """{"data":{"a":"3","b":null}}""", .. inTeam]));
        Assert.Equal("configmap/settings patched", await kubectl.RunAsync(["patch", "configmap", "settings", "--type=json", "-p", """[{"op":"test","path":"/data/a","value":"3"},{"op":"add","path":"/data/c","value":"4"}]""", .. inTeam]));
        Assert.Equal("configmap/settings patched (no change)", await kubectl.RunAsync(["patch", "configmap", "settings", "-p", """{"data":{"c":"4"}}""", .. inTeam]));
        Assert.Equal("3 4", await kubectl.RunAsync(["get", "configmap", "settings", "-o", "jsonpath={.data.a} {.data.c}", .. inTeam]));
        Assert.Equal("blue two words", await kubectl.RunAsync(["get", "configmap", "settings", "-o", "jsonpath={.metadata.labels.colour} {.metadata.annotations.note}", .. inTeam]));

        var changed = await kubectl.RunAsync(["get", "configmap", "settings", "-o", "json", .. inTeam]);
        var value = JsonNode.Parse(changed)!;
        value["data"] = new JsonObject { ["z"] = "zebra" };
        Assert.Equal("configmap/settings replaced", await kubectl.RunWithInputAsync(value.ToJsonString(), "replace", "-f", "-"));
        Assert.Contains("the object has been modified", (await kubectl.ResultAsync(["replace", "-f", "-"], changed)).Errors, StringComparison.Ordinal);

        var edited = await kubectl.ResultAsync(["edit", "configmap", "settings", .. inTeam], null, ("EDITOR", "sed -i s/zebra/okapi/"));
        Assert.Equal("configmap/settings edited", edited.Output.TrimEnd());
        Assert.Equal("okapi", await kubectl.RunAsync(["get", "configmap", "settings", "-o", "jsonpath={.data.z}", .. inTeam]));
        var untouched = await kubectl.ResultAsync(["edit", "configmap", "settings", .. inTeam], null, ("EDITOR", "true"));
        Assert.Contains("Edit cancelled, no changes made.", untouched.Output + untouched.Errors, StringComparison.Ordinal);

        Assert.Matches("^deployment.apps/web created", await kubectl.RunAsync("create", "deployment", "web", "--image=nginx:1", "--dry-run=server"));
        Assert.StartsWith("Error from server (NotFound): deployments.apps \"web\" not found", await kubectl.FailAsync("get", "deployment", "web"), StringComparison.Ordinal);
        Assert.Equal("pod/one created", await kubectl.RunAsync("run", "one", "--image=nginx", "--restart=Never", "--env=A=B"));
        Assert.Equal("B", await kubectl.RunAsync("get", "pod", "one", "-o", "jsonpath={.spec.containers[0].env[0].value}"));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Workloads_scale_roll_out_and_roll_back(string which)
    {
        await using var kubectl = await Kubectl.StartAsync(which, Stop);
        Assert.Equal("deployment.apps/web created", await kubectl.RunAsync("create", "deployment", "web", "--image=nginx:1"));
        Assert.Equal("deployment.apps/web condition met", await kubectl.RunAsync("wait", "--for=condition=Available", "deployment/web", "--timeout=60s"));
        Assert.Equal("deployment.apps/web scaled", await kubectl.RunAsync("scale", "deployment", "web", "--replicas=3"));
        Assert.Equal("error: Expected replicas to be 7, was 3", await kubectl.FailAsync("scale", "deployment", "web", "--current-replicas=7", "--replicas=1"));
        Assert.EndsWith("successfully rolled out", await kubectl.RunAsync("rollout", "status", "deployment/web", "--timeout=60s"), StringComparison.Ordinal);
        AssertTable("NAME READY UP-TO-DATE AVAILABLE AGE|web 3/3 3 3 <age>", await kubectl.RunAsync("get", "deployment", "web"));
        AssertTable("NAME DESIRED CURRENT READY AGE|web-<hash> 3 3 3 <age>", await kubectl.RunAsync("get", "replicasets"));
        Assert.Equal("deployment.apps/web image updated", await kubectl.RunAsync("set", "image", "deployment/web", "nginx=nginx:2"));
        await kubectl.RunAsync("rollout", "status", "deployment/web", "--timeout=60s");
        Assert.Equal("deployment.apps/web restarted", await kubectl.RunAsync("rollout", "restart", "deployment/web"));
        await kubectl.RunAsync("rollout", "status", "deployment/web", "--timeout=60s");
        AssertTable("deployment.apps/web|REVISION CHANGE-CAUSE|1 <none>|2 <none>|3 <none>", await kubectl.RunAsync("rollout", "history", "deployment/web"));
        Assert.Equal("deployment.apps/web rolled back", await kubectl.RunAsync("rollout", "undo", "deployment/web", "--to-revision=1"));
        await kubectl.RunAsync("rollout", "status", "deployment/web", "--timeout=60s");
        Assert.Equal("nginx:1", await kubectl.RunAsync("get", "deployment", "web", "-o", "jsonpath={.spec.template.spec.containers[0].image}"));
        Assert.Equal("deployment.apps/web paused", await kubectl.RunAsync("rollout", "pause", "deployment/web"));
        Assert.Equal("deployment.apps/web resumed", await kubectl.RunAsync("rollout", "resume", "deployment/web"));
        Assert.Equal("service/web exposed", await kubectl.RunAsync("expose", "deployment", "web", "--port=80"));
        Assert.Equal("deployment.apps/web env updated", await kubectl.RunAsync("set", "env", "deployment/web", "A=B"));
        Assert.Equal("deployment.apps/web resource requirements updated", await kubectl.RunAsync("set", "resources", "deployment/web", "--limits=cpu=200m,memory=64Mi"));

        Assert.Equal("node/node-1 cordoned", await kubectl.RunAsync("cordon", "node-1"));
        Assert.Contains("SchedulingDisabled", await kubectl.RunAsync("get", "nodes"), StringComparison.Ordinal);
        Assert.Equal("node/node-1 uncordoned", await kubectl.RunAsync("uncordon", "node-1"));
        await kubectl.RunAsync("rollout", "status", "deployment/web", "--timeout=60s");
        var drained = await kubectl.ResultAsync(["drain", "node-1", "--timeout=60s"], null);
        Assert.True(drained.Code == 0, drained.ToString());
        Assert.Contains("evicting pod default/web-", drained.Output + drained.Errors, StringComparison.Ordinal);

        Assert.Equal("deployment.apps \"web\" deleted", CutScope(await kubectl.RunAsync("delete", "deployment", "web", "--cascade=orphan")));
        Assert.StartsWith("replicaset.apps/web-", await kubectl.RunAsync("get", "replicasets", "-o", "name"), StringComparison.Ordinal);
        await kubectl.RunAsync("delete", "replicasets", "--all", "--cascade=foreground");
        Assert.Equal("", await kubectl.RunAsync("get", "replicasets,pods", "-o", "name"));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Files_are_applied_compared_and_owned(string which)
    {
        await using var kubectl = await Kubectl.StartAsync(which, Stop);
        var first = await kubectl.FileAsync("first.yaml", StatefulSet);
        var second = await kubectl.FileAsync("second.yaml", StatefulSet.Replace("spilo:1", "spilo:2", StringComparison.Ordinal));
        Assert.Equal("statefulset.apps/db created", await kubectl.RunAsync("apply", "-f", first));
        Assert.Equal("statefulset.apps/db unchanged", await kubectl.RunAsync("apply", "-f", first));
        Assert.Equal("", await kubectl.RunAsync("diff", "-f", first));
        var difference = await kubectl.ResultAsync(["diff", "-f", second], null);
        Assert.Equal(1, difference.Code);
        Assert.Contains("-      - image: spilo:1\n+      - image: spilo:2\n", difference.Output, StringComparison.Ordinal);
        Assert.Equal("statefulset.apps/db configured", await kubectl.RunAsync("apply", "-f", second));
        Assert.Contains("image: spilo:2", await kubectl.RunAsync("apply", "view-last-applied", "statefulset/db"), StringComparison.Ordinal);

        var map = await kubectl.FileAsync("map.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: owned }\ndata: { a: \"1\" }\n");
        var other = await kubectl.FileAsync("other.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: owned }\ndata: { a: \"2\" }\n");
        Assert.Equal("configmap/owned serverside-applied", await kubectl.RunAsync("apply", "--server-side", "--field-manager=one", "-f", map));
        var conflict = await kubectl.FailAsync("apply", "--server-side", "--field-manager=two", "-f", other);
        Assert.Contains("conflict with \"one\"", conflict, StringComparison.Ordinal);
        Assert.Contains(".data.a", conflict, StringComparison.Ordinal);
        Assert.Equal("configmap/owned serverside-applied", await kubectl.RunAsync("apply", "--server-side", "--field-manager=two", "--force-conflicts", "-f", other));
        Assert.Equal("2", await kubectl.RunAsync("get", "configmap", "owned", "-o", "jsonpath={.data.a}"));
        Assert.Equal("configmap \"owned\" deleted", CutScope(await kubectl.RunAsync("delete", "-f", map)));

        var wrong = await kubectl.FileAsync("wrong.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: wrong }\ndta: { a: \"1\" }\n");
        Assert.Contains("unknown field \"dta\"", await kubectl.FailAsync("create", "-f", wrong), StringComparison.Ordinal);
        var pruned = await kubectl.FileAsync("many.yaml", "apiVersion: v1\nkind: List\nitems:\n- { apiVersion: v1, kind: ConfigMap, metadata: { name: x, labels: { set: a } } }\n- { apiVersion: v1, kind: ConfigMap, metadata: { name: z, labels: { set: a } } }\n");
        Assert.Equal("configmap/x created\nconfigmap/z created", await kubectl.RunAsync("apply", "-f", pruned, "-l", "set=a"));
        Assert.Equal("configmap \"x\" deleted\nconfigmap \"z\" deleted", CutScope(await kubectl.RunAsync("delete", "configmaps", "-l", "set=a")));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Waiting_and_watching_see_changes(string which)
    {
        await using var kubectl = await Kubectl.StartAsync(which, Stop);
        await kubectl.RunAsync("create", "-f", await kubectl.FileAsync("db.yaml", StatefulSet));
        await kubectl.RunAsync("rollout", "status", "statefulset/db", "--timeout=60s");
        Assert.Equal("pod/db-0 condition met", await kubectl.RunAsync("wait", "--for=condition=Ready", "pod/db-0", "--timeout=60s"));
        if (kubectl.Minor >= 23)
            Assert.Equal("statefulset.apps/db condition met", await kubectl.RunAsync("wait", "--for=jsonpath={.status.readyReplicas}=2", "statefulset/db", "--timeout=60s"));
        Assert.Contains("timed out waiting for the condition", await kubectl.FailAsync("wait", "--for=delete", "pod/db-0", "--timeout=1s"), StringComparison.Ordinal);

        await kubectl.RunWithInputAsync("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"first","labels":{"watched":"yes"}}}""", "create", "-f", "-");
        var seen = new List<string>();
        await foreach (var line in kubectl.FollowAsync("get", "configmaps", "-l", "watched=yes", "-w", "--output-watch-events", "--no-headers"))
        {
            seen.Add(Blanks().Replace(line, " ").Trim());
            if (seen.Count == 1) await kubectl.RunAsync("label", "configmap", "first", "more=yes");
            else if (seen.Count == 2) await kubectl.RunAsync("delete", "configmap", "first");
            else if (seen.Count == 3) break;
        }

        Assert.Equal(["ADDED first", "MODIFIED first", "DELETED first"], seen.Select(static line => string.Join(' ', line.Split(' ')[..2])));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Logs_are_read_and_followed(string which)
    {
        await using var kubectl = await Kubectl.StartAsync(which, Stop);
        await kubectl.RunAsync("create", "-f", await kubectl.FileAsync("db.yaml", StatefulSet));
        await kubectl.RunAsync("rollout", "status", "statefulset/db", "--timeout=60s");
        Assert.Equal("db-0 starts\ndb-0 works\ndb-0 is done", await kubectl.RunAsync("logs", "db-0"));
        Assert.Equal("db-1 is done", await kubectl.RunAsync("logs", "-f", "db-1", "--tail=1", "-c", "postgres"));
        // kubectl takes the pods in any order.
        var both = (await kubectl.RunAsync("logs", "-l", "app=db", "--prefix", "--tail=1")).Split('\n').Order(StringComparer.Ordinal);
        Assert.Equal(["[pod/db-0/postgres] db-0 is done", "[pod/db-1/postgres] db-1 is done"], both);
        Assert.Contains("container nothing is not valid for pod db-0", await kubectl.FailAsync("logs", "db-0", "-c", "nothing"), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Commands_run_in_containers(string which)
    {
        await using var kubectl = await Kubectl.StartAsync(which, Stop);
        await kubectl.RunAsync("create", "-f", await kubectl.FileAsync("db.yaml", StatefulSet));
        await kubectl.RunAsync("rollout", "status", "statefulset/db", "--timeout=60s");
        Assert.Equal("hello world", await kubectl.RunAsync("exec", "db-0", "--", "echo", "hello", "world"));
        Assert.Equal(new string('x', 50_000), await kubectl.RunWithInputAsync(new string('x', 50_000), "exec", "-i", "db-0", "-c", "postgres", "--", "cat"));
        var failed = await kubectl.ResultAsync(["exec", "db-0", "--", "exit", "3"], null);
        Assert.Equal(3, failed.Code);
        Assert.Contains("it went wrong", failed.Errors, StringComparison.Ordinal);
        Assert.Contains("command terminated with exit code 3", failed.Errors, StringComparison.Ordinal);
        Assert.Contains("pods \"nobody\" not found", await kubectl.FailAsync("exec", "nobody", "--", "echo"), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task The_server_describes_itself(string which)
    {
        await using var kubectl = await Kubectl.StartAsync(which, Stop);
        Assert.Contains("apps/v1\n", await kubectl.RunAsync("api-versions"), StringComparison.Ordinal);
        AssertTable("NAME SHORTNAMES APIVERSION NAMESPACED KIND|statefulsets sts apps/v1 true StatefulSet", string.Join('\n',
            (await kubectl.RunAsync("api-resources")).Split('\n').Where(static line => line.StartsWith("NAME", StringComparison.Ordinal) || line.StartsWith("statefulsets", StringComparison.Ordinal))));
        Assert.Contains("nodes\n", await kubectl.RunAsync("api-resources", "--namespaced=false", "--verbs=list", "-o", "name"), StringComparison.Ordinal);
        Assert.Matches("FIELD: +replicas <integer>", await kubectl.RunAsync("explain", "statefulset.spec.replicas"));
        Assert.Matches("containers\\s+<\\[\\](Container|Object)> ?-required-", await kubectl.RunAsync("explain", "pod.spec"));
        Assert.Contains("v1.36", await kubectl.RunAsync("version"), StringComparison.Ordinal);
        Assert.Contains(kubectl.Server.Url.Authority, await kubectl.RunAsync("cluster-info"), StringComparison.Ordinal);
        Assert.Contains("server: " + kubectl.Server.Url.GetLeftPart(UriPartial.Authority), await kubectl.RunAsync("config", "view"), StringComparison.Ordinal);
        Assert.Equal("ok", await kubectl.RunAsync("get", "--raw", "/readyz"));
        Assert.Equal("error: the server doesn't have a resource type \"nonsense\"", await kubectl.FailAsync("get", "nonsense"));
        Assert.Equal("Error from server (NotFound): pods \"nobody\" not found", await kubectl.FailAsync("get", "pod", "nobody"));
        Assert.Equal("", await kubectl.RunAsync("delete", "pod", "nobody", "--ignore-not-found"));
        Assert.Equal("error: Metrics API not available", await kubectl.FailAsync("top", "pods"));
        Assert.Contains("metadata.name: Invalid value: \"Bad_Name\"", (await kubectl.ResultAsync(["create", "-f", "-"], """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"Bad_Name"}}""")).Errors, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Rights_are_given_and_asked_for(string which)
    {
        await using var kubectl = await Kubectl.StartAsync(which, Stop);
        Assert.Equal("yes", await kubectl.RunAsync("auth", "can-i", "create", "pods"));
        Assert.Matches(@"\*\.\* +\[\] +\[\] +\[\*\]", await kubectl.RunAsync("auth", "can-i", "--list"));
        Assert.Equal("role.rbac.authorization.k8s.io/reader created", await kubectl.RunAsync("create", "role", "reader", "--verb=get,list", "--resource=pods,statefulsets.apps"));
        Assert.Equal("rolebinding.rbac.authorization.k8s.io/reader created", await kubectl.RunAsync("create", "rolebinding", "reader", "--role=reader", "--serviceaccount=default:bot", "--group=developers"));
        Assert.Equal("clusterrole.rbac.authorization.k8s.io/all created", await kubectl.RunAsync("create", "clusterrole", "all", "--verb=*", "--resource=*"));
        Assert.Equal("clusterrolebinding.rbac.authorization.k8s.io/all created", await kubectl.RunAsync("create", "clusterrolebinding", "all", "--clusterrole=all", "--user=root"));
        AssertTable("NAME ROLE AGE USERS GROUPS SERVICEACCOUNTS|reader Role/reader <age> developers default/bot", await kubectl.RunAsync("get", "rolebindings", "-o", "wide"));
        Assert.Equal("""["apps"]""", await kubectl.RunAsync("get", "role", "reader", "-o", "jsonpath={.rules[1].apiGroups}"));
        await kubectl.RunAsync("create", "serviceaccount", "bot");
        if (kubectl.Minor >= 24) Assert.Equal(3, (await kubectl.RunAsync("create", "token", "bot", "--duration=1h")).Split('.').Length);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Custom_kinds_are_like_others(string which)
    {
        await using var kubectl = await Kubectl.StartAsync(which, Stop);
        await kubectl.RunAsync("apply", "-f", await kubectl.FileAsync("crd.yaml", """
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: { name: widgets.example.com }
            spec:
              group: example.com
              scope: Namespaced
              names: { kind: Widget, plural: widgets, singular: widget, shortNames: [wd] }
              versions:
              - name: v1
                served: true
                storage: true
                subresources: { status: {}, scale: { specReplicasPath: .spec.size, statusReplicasPath: .status.size } }
                additionalPrinterColumns: [{ name: Size, type: integer, jsonPath: .spec.size }]
                schema:
                  openAPIV3Schema:
                    type: object
                    properties:
                      spec: { type: object, required: [size], properties: { size: { type: integer, minimum: 1, description: How large it is. } } }
                      status: { type: object, properties: { size: { type: integer } } }
            """));
        Assert.Equal("customresourcedefinition.apiextensions.k8s.io/widgets.example.com condition met", await kubectl.RunAsync("wait", "--for=condition=Established", "crd/widgets.example.com", "--timeout=60s"));
        var widget = await kubectl.FileAsync("widget.yaml", "apiVersion: example.com/v1\nkind: Widget\nmetadata: { name: a }\nspec: { size: 2 }\n");
        Assert.Equal("widget.example.com/a created", await kubectl.RunAsync("apply", "-f", widget));
        Assert.Equal("widget.example.com/a unchanged", await kubectl.RunAsync("apply", "-f", widget));
        AssertTable("NAME SIZE|a 2", await kubectl.RunAsync("get", "wd"));
        Assert.Equal("widget.example.com/a scaled", await kubectl.RunAsync("scale", "widget", "a", "--replicas=5"));
        Assert.Equal("widget.example.com/a patched", await kubectl.RunAsync("patch", "widget", "a", "--type=merge", "-p", """{"spec":{"size":6}}"""));
        Assert.Contains(kubectl.Minor < 27 ? "the body of the request was in an unknown format" : "strategic-merge-patch+json is not supported", await kubectl.FailAsync("patch", "widget", "a", "-p", """{"spec":{"size":7}}""", "--type=strategic"), StringComparison.Ordinal);
        Assert.Contains("spec.size: Invalid value: 0: spec.size in body should be greater than or equal to 1",
            await kubectl.FailAsync("patch", "widget", "a", "--type=merge", "-p", """{"spec":{"size":0}}"""), StringComparison.Ordinal);
        Assert.Matches("Size: +6", await kubectl.RunAsync("describe", "widget", "a"));
        Assert.Contains("How large it is.", await kubectl.RunAsync("explain", "widget.spec.size"), StringComparison.Ordinal);
        Assert.Equal("widget.example.com \"a\" deleted", CutScope(await kubectl.RunAsync("delete", "widget", "a")));
    }

    /// <summary>Compares a table word by word; ages and hashes have any value.</summary>
    private static void AssertTable(string expected, string actual)
    {
        var lines = actual.TrimEnd().Split('\n').Select(static line => Blanks().Replace(line, " ").Trim()).ToArray();
        var pattern = string.Join('|', expected.Split('|').Select(static line => Regex.Escape(line).Replace("<age>", @"([0-9]+[smh])+", StringComparison.Ordinal).Replace("<hash>", "[a-z0-9-]+", StringComparison.Ordinal)));
        Assert.Matches($"^{pattern.Replace("|", "\n", StringComparison.Ordinal)}$", string.Join('\n', lines));
    }

    // Newer ones say from which namespace.
    private static string CutScope(string text) => Regex.Replace(text, " from [a-z-]+ namespace", "", RegexOptions.None, TimeSpan.FromSeconds(1));

    [GeneratedRegex(" +")]
    private static partial Regex Blanks();
}
