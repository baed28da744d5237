using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Sandbox.Progress;
using Zalando.Postgres.Sdk.Testing.ApiServer;

namespace Zalando.Postgres.Sdk.Sandbox.Tests.Pods;

public sealed class PodLifecycleTests : IAsyncLifetime
{
    // PgBouncer connects to the database only when a client comes: it runs without one.
    private const string PoolerEnvironment = """
        [{"name":"PGHOST","value":"shop"},{"name":"PGUSER","value":"pooler"},{"name":"PGPASSWORD","value":"secret"}]
        """;

    private SandboxCluster? _sandbox;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private SandboxCluster Sandbox
    {
        get
        {
            TestPods.SkipWithoutPrograms();
            return _sandbox!;
        }
    }

    public async ValueTask InitializeAsync()
    {
        if (SandboxPrograms.Find().Missing is { Count: > 0 }) return;
        _sandbox = await SandboxCluster.StartAsync(TestPods.Options, CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        if (_sandbox is not null) await _sandbox.DisposeAsync();
    }

    [Fact]
    public async Task A_pod_of_an_unknown_image_is_refused_with_an_event()
    {
        TestPods.Create(Sandbox.ApiServer.Access, TestPods.Pod("web", "nginx:1.27"));
        await TestPods.UntilAsync(Sandbox, () => (string?)TestPods.Container(Sandbox, "web")?["state"]?["waiting"]?["reason"] == "ErrImageNeverPull", Cancellation);
        Assert.Equal("Pending", (string?)TestPods.Stored(Sandbox, "web")!["status"]!["phase"]);
        Assert.Contains(TestPods.Events(Sandbox, "web"), e => e.StartsWith("Warning ErrImageNeverPull: The sandbox runs database pods", StringComparison.Ordinal) && e.Contains("nginx:1.27", StringComparison.Ordinal));

        Sandbox.ApiServer.Access.Delete(KubernetesKinds.Pod, "default", "web");
        await TestPods.UntilAsync(Sandbox, () => TestPods.Stored(Sandbox, "web") is null, Cancellation);
    }

    [Fact]
    public async Task A_missing_secret_is_named_and_waited_for()
    {
        TestPods.Create(Sandbox.ApiServer.Access, TestPods.Pod("waiting", "example.com/pgbouncer:1", """[{"name":"PGUSER","valueFrom":{"secretKeyRef":{"name":"absent","key":"user"}}}]"""));
        await TestPods.UntilAsync(Sandbox, () => (string?)TestPods.Container(Sandbox, "waiting")?["state"]?["waiting"]?["reason"] == "CreateContainerConfigError", Cancellation);
        Assert.Equal("secret \"absent\" not found", (string?)TestPods.Container(Sandbox, "waiting")!["state"]!["waiting"]!["message"]);
    }

    [Fact]
    public async Task A_container_that_crashes_is_started_again_with_growing_pauses()
    {
        CreateService();
        TestPods.Create(Sandbox.ApiServer.Access, TestPods.Pod("broken", "example.com/pgbouncer:1", """
            [{"name":"PGHOST","value":"shop"},{"name":"PGUSER","value":"pooler"},{"name":"PGPASSWORD","value":"secret"},
             {"name":"CONNECTION_POOLER_CLIENT_TLS_CRT","value":"/nowhere/tls.crt"},{"name":"CONNECTION_POOLER_CLIENT_TLS_KEY","value":"/nowhere/tls.key"}]
            """));
        await TestPods.UntilAsync(Sandbox, () => ((int?)TestPods.Container(Sandbox, "broken")?["restartCount"] ?? 0) >= 3, Cancellation);
        await TestPods.UntilAsync(Sandbox, () => (string?)TestPods.Container(Sandbox, "broken")?["state"]?["waiting"]?["reason"] == "CrashLoopBackOff", Cancellation);
        Assert.Equal(1, (int?)TestPods.Container(Sandbox, "broken")!["lastState"]!["terminated"]!["exitCode"]);
        var events = TestPods.Events(Sandbox, "broken");
        foreach (var pause in new[] { "0.05", "0.1", "0.2" }) Assert.Contains($"Warning BackOff: Container main starts again in {pause} s.", events);

        var notices = new List<SandboxNotice>();
        await foreach (var notice in Sandbox.ReadNoticesAsync(Cancellation))
        {
            notices.Add(notice);
            if (notice.Reason == "BackOff") break;
        }

        Assert.Contains(notices, n => n is { Reason: "Started", Subject: "default/broken", Severity: NoticeSeverity.Normal });
        Assert.DoesNotContain(notices, n => n.Message.Contains("secret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_killed_container_comes_back_and_a_deleted_pod_leaves_no_process()
    {
        CreateService();
        TestPods.Create(Sandbox.ApiServer.Access, TestPods.Pod("pooler", "example.com/pgbouncer:1", PoolerEnvironment));
        await TestPods.UntilAsync(Sandbox, () => (bool?)TestPods.Container(Sandbox, "pooler")?["ready"] == true, Cancellation);
        var first = Sandbox.Pods.Find("default", "pooler")!;
        Assert.Single(first.ProcessIds);

        await Sandbox.Pods.KillAsync("default", "pooler", Cancellation);
        await TestPods.UntilAsync(Sandbox, () => (int?)TestPods.Container(Sandbox, "pooler")?["restartCount"] == 1 && (bool?)TestPods.Container(Sandbox, "pooler")!["ready"] == true, Cancellation);
        Assert.Equal(137, (int?)TestPods.Container(Sandbox, "pooler")!["lastState"]!["terminated"]!["exitCode"]);
        var second = Sandbox.Pods.Find("default", "pooler")!;
        Assert.Equal(first.Address, second.Address);
        Assert.NotEqual(first.ProcessIds, second.ProcessIds);

        Sandbox.ApiServer.Access.Delete(KubernetesKinds.Pod, "default", "pooler");
        await TestPods.UntilAsync(Sandbox, () => TestPods.Stored(Sandbox, "pooler") is null, Cancellation);
        Assert.Empty(await Processes.LeftAfterAsync(second.ProcessIds, TimeSpan.FromSeconds(10), Cancellation));
    }

    [Fact]
    public async Task What_a_command_leaves_in_the_background_goes_on_and_ends_with_its_container()
    {
        CreateService();
        TestPods.Create(Sandbox.ApiServer.Access, TestPods.Pod("pooler", "example.com/pgbouncer:1", PoolerEnvironment));
        await TestPods.UntilAsync(Sandbox, () => (bool?)TestPods.Container(Sandbox, "pooler")?["ready"] == true, Cancellation);
        var (code, output) = await ExecAsync("pooler", "setsid sleep 1000 > /dev/null 2>&1 < /dev/null & echo $!; exit 3");
        Assert.Equal(3, code);
        var left = int.Parse(output, CultureInfo.InvariantCulture);
        Assert.Equal("sleep\0" + "1000\0", await File.ReadAllTextAsync($"/proc/{left}/cmdline", Cancellation));

        await Sandbox.Pods.KillAsync("default", "pooler", Cancellation);
        Assert.Empty(await Processes.LeftAfterAsync([left], TimeSpan.FromSeconds(10), Cancellation));
    }

    [Fact]
    public async Task A_program_that_is_to_be_started_again_does_not_take_its_container_with_it()
    {
        CreateService();
        TestPods.Create(Sandbox.ApiServer.Access, TestPods.Pod("pooler", "example.com/pgbouncer:1", PoolerEnvironment));
        await TestPods.UntilAsync(Sandbox, () => (bool?)TestPods.Container(Sandbox, "pooler")?["ready"] == true, Cancellation);
        var first = Assert.Single(Sandbox.Pods.Find("default", "pooler")!.ProcessIds);
        Assert.Equal(0, (await ExecAsync("pooler", "touch again; pkill -9 pgbouncer")).Code);
        Assert.Empty(await Processes.LeftAfterAsync([first], TimeSpan.FromSeconds(10), Cancellation));
        Assert.Equal(0, (await ExecAsync("pooler", "until pkill -0 pgbouncer; do sleep 0.02; done")).Code);
        var second = Sandbox.Pods.Find("default", "pooler")!;
        Assert.NotEqual(first, Assert.Single(second.ProcessIds));
        Assert.Equal(0, second.Restarts);
    }

    [Fact]
    public async Task A_cordoned_node_gets_no_pod_until_it_is_open_again()
    {
        Cordon(closed: true);
        TestPods.Create(Sandbox.ApiServer.Access, TestPods.Pod("later", "nginx"));
        await TestPods.UntilAsync(Sandbox, () => TestPods.Events(Sandbox, "later").Any(e => e.StartsWith("Warning FailedScheduling", StringComparison.Ordinal)), Cancellation);
        Cordon(closed: false);
        await TestPods.UntilAsync(Sandbox, () => (string?)TestPods.Stored(Sandbox, "later")!["spec"]!["nodeName"] == "sandbox-1", Cancellation);
        await TestPods.UntilAsync(Sandbox, () => TestPods.Events(Sandbox, "later").Contains("Normal Scheduled: Successfully assigned default/later to sandbox-1"), Cancellation);
    }

    private async Task<(int Code, string Output)> ExecAsync(string pod, string script)
    {
        using var output = new MemoryStream();
        var code = await Sandbox.ApiServer.PodRuntime!.ExecAsync(
            TestPods.Stored(Sandbox, pod)!, new PodExecRequest { Container = "main", Command = ["/bin/sh", "-c", script], StandardOutput = output }, Cancellation);
        return (code, Encoding.UTF8.GetString(output.ToArray()));
    }

    private void Cordon(bool closed)
    {
        var node = Sandbox.ApiServer.Access.Get(KubernetesKinds.Node, null, "sandbox-1")!;
        node["spec"] = new JsonObject { ["unschedulable"] = closed };
        Sandbox.ApiServer.Access.Update(KubernetesKinds.Node, node);
    }

    private void CreateService() => Sandbox.ApiServer.Access.Create(KubernetesKinds.Service, new JsonObject
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Service",
        ["metadata"] = new JsonObject { ["name"] = "shop", ["namespace"] = "default" },
        ["spec"] = new JsonObject { ["ports"] = new JsonArray(new JsonObject { ["port"] = 5432 }), ["selector"] = new JsonObject { ["application"] = "spilo" } },
    });
}
