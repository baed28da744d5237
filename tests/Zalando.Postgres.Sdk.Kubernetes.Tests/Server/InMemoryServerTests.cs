using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Kubernetes.Caching;
using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Kubernetes.Configuration;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Testing.ApiServer;

namespace Zalando.Postgres.Sdk.Kubernetes.Tests.Server;

/// <summary>The client over real HTTP against the in-memory API server.</summary>
public sealed class InMemoryServerTests : ServerTest
{
    [Fact]
    public async Task What_the_server_offers_is_read_from_its_discovery_documents()
    {
        Assert.True(await Client.OffersAsync(KubernetesKinds.Pod, "resize", Stop));
        Assert.True(await Client.OffersAsync(KubernetesKinds.StatefulSet, null, Stop));
        Assert.False(await Client.OffersAsync(KubernetesKinds.StatefulSet, "resize", Stop));
        Assert.False(await Client.OffersAsync(KubernetesKinds.Pod with { Group = "nobody.example.org" }, null, Stop));
        await using var older = await InMemoryApiServer.StartAsync(new ApiServerOptions { Controllers = [], ServesPodResize = false }, Stop);
        using var client = new KubernetesClient(KubernetesClientConfiguration.FromKubeconfig(older.Kubeconfig));
        Assert.False(await client.OffersAsync(KubernetesKinds.Pod, "resize", Stop));
    }

    [Fact]
    public async Task An_object_lives_from_create_to_delete()
    {
        var created = await Client.CreateAsync(Map("a"), null, Stop);
        Assert.NotNull(created.Metadata.Uid);
        var exists = await Assert.ThrowsAsync<KubernetesApiException>(() => Client.CreateAsync(Map("a"), null, Stop));
        Assert.True(exists.IsAlreadyExists);

        var replaced = await Client.ReplaceAsync(created with { Data = new Dictionary<string, string> { ["k"] = "2" } }, null, null, Stop);
        var stale = await Assert.ThrowsAsync<KubernetesApiException>(() => Client.ReplaceAsync(created with { Data = null }, null, null, Stop));
        Assert.True(stale is { IsConflict: true, IsAlreadyExists: false });

        var patched = await Client.PatchAsync<ConfigMap>("default", "a", Patch.Merge(new JsonObject { ["data"] = new JsonObject { ["k"] = null, ["l"] = "3" } }), null, null, Stop);
        Assert.Equal("l", Assert.Single(patched.Data!).Key);
        Assert.NotEqual(replaced.Metadata.ResourceVersion, patched.Metadata.ResourceVersion);

        var jsonPatched = await Client.PatchAsync<ConfigMap>("default", "a",
            Patch.Json([new JsonObject { ["op"] = "test", ["path"] = "/data/l", ["value"] = "3" }, new JsonObject { ["op"] = "add", ["path"] = "/data/m", ["value"] = "4" }]), null, null, Stop);
        Assert.Equal(2, jsonPatched.Data!.Count);

        var dry = await Client.PatchAsync<ConfigMap>("default", "a", Patch.Merge(new JsonObject { ["data"] = null }), null, new WriteOptions { DryRun = true }, Stop);
        Assert.Null(dry.Data);
        Assert.Equal(2, (await Client.GetAsync<ConfigMap>("default", "a", Stop))!.Data!.Count);

        var wrong = await Assert.ThrowsAsync<KubernetesApiException>(() =>
            Client.DeleteAsync<ConfigMap>("default", "a", new DeleteOptions { Preconditions = new Preconditions { Uid = "another" } }, Stop));
        Assert.True(wrong.IsConflict);
        Assert.True(await Client.DeleteAsync<ConfigMap>("default", "a", null, Stop));
        Assert.False(await Client.DeleteAsync<ConfigMap>("default", "a", null, Stop));
        Assert.Null(await Client.GetAsync<ConfigMap>("default", "a", Stop));
    }

    [Fact]
    public async Task Server_side_apply_owns_fields_and_refuses_those_of_others_unless_forced()
    {
        JsonObject Wanted(string value) => new()
        {
            ["apiVersion"] = "v1", ["kind"] = "ConfigMap", ["metadata"] = new JsonObject { ["name"] = "a", ["namespace"] = "default" }, ["data"] = new JsonObject { ["k"] = value },
        };
        var applied = await Client.PatchAsync<ConfigMap>("default", "a", Patch.Apply(Wanted("1")), null, null, Stop);
        Assert.Equal("postgres-operator", Assert.Single(applied.Metadata.ManagedFields!).Manager);
        var other = new WriteOptions { FieldManager = "other" };
        var conflict = await Assert.ThrowsAsync<KubernetesApiException>(() => Client.PatchAsync<ConfigMap>("default", "a", Patch.Apply(Wanted("2")), null, other, Stop));
        Assert.True(conflict.IsConflict);
        Assert.Contains("postgres-operator", conflict.Message, StringComparison.Ordinal);
        var forced = await Client.PatchAsync<ConfigMap>("default", "a", Patch.Apply(Wanted("2")), null, other with { Force = true }, Stop);
        Assert.Equal("2", forced.Data!["k"]);
    }

    [Fact]
    public async Task A_cache_follows_typed_and_untyped_kinds_over_pages()
    {
        for (var i = 0; i < 7; i++) await Client.CreateAsync(Map($"m{i}"), null, Stop);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        stop.CancelAfter(TimeSpan.FromMinutes(2));
        var typed = ResourceCache.Create(Client, new ResourceCacheOptions<ConfigMap> { PageSize = 3, Namespace = "default" });
        var untyped = ResourceCache.Create(Client, KubernetesKinds.ConfigMap, new ResourceCacheOptions<JsonObject> { PageSize = 3, Namespace = "default" });
        var running = Task.WhenAll(typed.RunAsync(stop.Token), untyped.RunAsync(stop.Token));
        await typed.WaitForInitialListAsync(stop.Token);
        await untyped.WaitForInitialListAsync(stop.Token);
        Assert.Equal(Server.Access.List(KubernetesKinds.ConfigMap, "default").Count, typed.Count);
        Assert.Equal(typed.Count, untyped.Count);
        Assert.Equal("ConfigMap", untyped.Get("default", "m3")!["kind"]!.GetValue<string>());

        var events = typed.SubscribeAsync(stop.Token).GetAsyncEnumerator();
        for (var i = 0; i <= typed.Count; i++) await events.MoveNextAsync();
        await Client.DeleteAsync<ConfigMap>("default", "m3", null, Stop);
        Assert.True(await events.MoveNextAsync());
        Assert.Equal((CacheEventType.Deleted, "m3"), (events.Current.Type, events.Current.Name));
        await events.DisposeAsync();
        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task Reviews_and_evictions_are_plain_creates()
    {
        var review = await Client.CreateAsync(KubernetesKinds.SubjectAccessReview, new JsonObject
        {
            ["apiVersion"] = "authorization.k8s.io/v1", ["kind"] = "SubjectAccessReview",
            ["spec"] = new JsonObject { ["user"] = "admin", ["groups"] = new JsonArray("system:masters"), ["resourceAttributes"] = new JsonObject { ["verb"] = "get", ["resource"] = "pods" } },
        }, null, null, Stop);
        Assert.True(review["status"]!["allowed"]!.GetValue<bool>());
        var tokenReview = await Client.CreateAsync(KubernetesKinds.TokenReview, new JsonObject
        {
            ["apiVersion"] = "authentication.k8s.io/v1", ["kind"] = "TokenReview", ["spec"] = new JsonObject { ["token"] = "nobody knows it" },
        }, null, null, Stop);
        Assert.NotEqual(true, tokenReview["status"]?["authenticated"]?.GetValue<bool>());

        await Client.CreateAsync(APod("p"), null, Stop);
        var eviction = new JsonObject { ["apiVersion"] = "policy/v1", ["kind"] = "Eviction", ["metadata"] = new JsonObject { ["name"] = "p", ["namespace"] = "default" } };
        var answer = await Client.CreateAsync(KubernetesKinds.Pod, eviction, "eviction", null, Stop);
        Assert.Equal("Success", answer["status"]!.GetValue<string>());
        Assert.Null(await Client.GetAsync<Pod>("default", "p", Stop));
    }

    [Fact]
    public async Task Reviews_have_types_too()
    {
        var review = await Client.CreateAsync(new SubjectAccessReview
        {
            Spec = new SubjectAccessReviewSpec { User = "admin", Groups = ["system:masters"], ResourceAttributes = new ResourceAttributes { Verb = "get", Resource = "pods", Namespace = "default" } },
        }, null, Stop);
        Assert.True(review.Status!.Allowed);
        var token = await Client.CreateAsync(new TokenReview { Spec = new TokenReviewSpec { Token = "nobody knows it" } }, null, Stop);
        Assert.NotEqual(true, token.Status?.Authenticated);
    }

    [Fact]
    public async Task Subresources_are_read_and_patched_and_collections_deleted_in_one_request()
    {
        var set = new JsonObject
        {
            ["apiVersion"] = "apps/v1", ["kind"] = "StatefulSet", ["metadata"] = new JsonObject { ["name"] = "s", ["namespace"] = "default" },
            ["spec"] = new JsonObject
            {
                ["replicas"] = 2, ["serviceName"] = "s", ["selector"] = new JsonObject { ["matchLabels"] = new JsonObject { ["a"] = "b" } },
                ["template"] = new JsonObject
                {
                    ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["a"] = "b" } },
                    ["spec"] = new JsonObject { ["containers"] = new JsonArray(new JsonObject { ["name"] = "c", ["image"] = "i" }) },
                },
            },
        };
        await Client.CreateAsync(KubernetesKinds.StatefulSet, set, null, null, Stop);
        var scale = await Client.GetAsync(KubernetesKinds.StatefulSet, "default", "s", "scale", Stop);
        Assert.Equal(("Scale", 2), (scale!["kind"]!.GetValue<string>(), scale["spec"]!["replicas"]!.GetValue<int>()));
        await Client.PatchAsync(KubernetesKinds.StatefulSet, "default", "s", Patch.Merge(new JsonObject { ["spec"] = new JsonObject { ["replicas"] = 3 } }), "scale", null, Stop);
        Assert.Equal(3, (await Client.GetAsync<StatefulSet>("default", "s", Stop))!.Spec!.Replicas);
        Assert.Null(await Client.GetAsync(KubernetesKinds.StatefulSet, "default", "nobody", "scale", Stop));

        foreach (var (name, colour) in (ReadOnlySpan<(string, string)>)[("a", "red"), ("b", "blue"), ("c", "red")])
            Server.Access.Create(KubernetesKinds.ConfigMap, new JsonObject
            {
                ["apiVersion"] = "v1", ["kind"] = "ConfigMap", ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "default", ["labels"] = new JsonObject { ["colour"] = colour } },
            });
        await Client.DeleteCollectionAsync(KubernetesKinds.ConfigMap, "default", new ListOptions { LabelSelector = "colour=red" }, new DeleteOptions { DryRun = ["All"] }, Stop);
        Assert.Equal(2, (await Client.ListAsync<ConfigMap>("default", new ListOptions { LabelSelector = "colour=red" }, Stop)).Items.Count);
        await Client.DeleteCollectionAsync(KubernetesKinds.ConfigMap, "default", new ListOptions { LabelSelector = "colour=red" }, null, Stop);
        Assert.Equal("b", Assert.Single((await Client.ListAsync<ConfigMap>("default", new ListOptions { LabelSelector = "colour" }, Stop)).Items).Metadata.Name);
    }

    [Fact]
    public async Task Output_goes_to_the_callers_streams_as_it_arrives_and_all_of_it()
    {
        Server.PodRuntime = new EchoRuntime();
        await Client.CreateAsync(APod("p"), null, Stop);
        using var input = new MemoryStream(new byte[100_000]);
        using var output = new MemoryStream();
        var options = new ExecOptions { Input = input, Output = output, MaximumOutput = 10, Timeout = Timeout.InfiniteTimeSpan };
        var result = await Client.ExecAsync("default", "p", "postgres", ["cat"], options, Stop);
        Assert.Equal((3, "", "cat", 100_000L), (result.ExitCode, result.Output, result.ErrorOutput, output.Length));
    }

    [Fact]
    public async Task Commands_run_and_logs_stream()
    {
        var runtime = new EchoRuntime();
        Server.PodRuntime = runtime;
        await Client.CreateAsync(APod("p"), null, Stop);
        // Whatever input there is ends: with version 5 of the protocol the command is told.
        using var input = new MemoryStream(Encoding.UTF8.GetBytes(new string('x', 100_000)));
        var result = await Client.ExecAsync("default", "p", "postgres", ["cat", "-", "a b&c"], new ExecOptions { Input = input, MaximumOutput = 1000 }, Stop);
        Assert.Equal((3, "cat|-|a b&c", 1000), (result.ExitCode, result.ErrorOutput, result.Output.Length));
        Assert.Equal(100_000, runtime.Received);
        await using var log = await Client.OpenLogAsync("default", "p", "postgres", null, Stop);
        using var reader = new StreamReader(log);
        Assert.Equal("a line of the log", await reader.ReadLineAsync(Stop));
        var missing = await Assert.ThrowsAsync<KubernetesApiException>(() => Client.ExecAsync("default", "nobody", "postgres", ["true"], null, Stop));
        Assert.True(missing.IsNotFound, missing.Message);
        Assert.Contains("pods \"nobody\" not found", missing.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_of_a_pod_is_reached_through_the_server_and_ends_when_the_pod_ends_it()
    {
        Server.PodRuntime = new EchoRuntime();
        await Client.CreateAsync(APod("p"), null, Stop);
        // Larger than any buffer on the way, so that messages are taken apart and put together.
        var sent = new byte[300_000];
        for (var i = 0; i < sent.Length; i++) sent[i] = (byte)(i * 31);
        await using var connection = await Client.OpenPortAsync("default", "p", 5432, Stop);
        var writing = connection.WriteAsync(sent, Stop).AsTask();
        var received = new byte[sent.Length];
        await connection.ReadExactlyAsync(received, Stop);
        await writing;
        Assert.Equal(sent, received);
        await connection.WriteAsync("quit"u8.ToArray(), Stop);
        Assert.Equal(0, await connection.ReadAsync(received, Stop));
    }

    [Fact]
    public async Task Two_connections_to_one_port_do_not_hear_each_other_and_closing_one_ends_it_in_the_pod()
    {
        var runtime = new EchoRuntime();
        Server.PodRuntime = runtime;
        await Client.CreateAsync(APod("p"), null, Stop);
        await using var first = await Client.OpenPortAsync("default", "p", 5432, Stop);
        await using var second = await Client.OpenPortAsync("default", "p", 5432, Stop);
        var buffer = new byte[100];
        await first.WriteAsync("one"u8.ToArray(), Stop);
        await second.WriteAsync("two"u8.ToArray(), Stop);
        await second.ReadExactlyAsync(buffer.AsMemory(0, 3), Stop);
        Assert.Equal("two", Encoding.UTF8.GetString(buffer, 0, 3));
        await second.DisposeAsync();
        await runtime.PortClosed.WaitAsync(Stop);
        await first.ReadExactlyAsync(buffer.AsMemory(0, 3), Stop);
        Assert.Equal("one", Encoding.UTF8.GetString(buffer, 0, 3));
    }

    [Fact]
    public async Task A_port_where_nothing_listens_and_a_pod_that_does_not_exist_are_told_in_the_servers_words()
    {
        Server.PodRuntime = new EchoRuntime();
        await Client.CreateAsync(APod("p"), null, Stop);
        await using var connection = await Client.OpenPortAsync("default", "p", 1, Stop);
        var refused = await Assert.ThrowsAsync<IOException>(() => connection.ReadExactlyAsync(new byte[1], Stop).AsTask());
        Assert.Equal("GET /api/v1/namespaces/default/pods/p/portforward?ports=1: error forwarding port 1 to pod p: nothing listens on port 1", refused.Message);
        var missing = await Assert.ThrowsAsync<KubernetesApiException>(() => Client.OpenPortAsync("default", "nobody", 5432, Stop));
        Assert.True(missing.IsNotFound, missing.Message);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Client.OpenPortAsync("default", "p", 65536, Stop));
    }

    private static ConfigMap Map(string name) => new() { Metadata = new ObjectMeta { Name = name, Namespace = "default" }, Data = new Dictionary<string, string> { ["k"] = "1" } };

    private static Pod APod(string name) => new()
    {
        Metadata = new ObjectMeta { Name = name, Namespace = "default" },
        Spec = new PodSpec { Containers = [new Container { Name = "postgres", Image = "spilo" }], TerminationGracePeriodSeconds = 0 },
    };

    private sealed class EchoRuntime : IPodRuntime
    {
        private readonly TaskCompletionSource _portClosed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Received { get; private set; }

        public Task PortClosed => _portClosed.Task;

        public async Task<Stream> OpenPortAsync(JsonObject pod, int port, CancellationToken cancellationToken)
        {
            if (port == 1) throw new ApiStatusException(400, "BadRequest", "nothing listens on port 1");
            using var listener = new TcpListener(System.Net.IPAddress.Loopback, 0);
            listener.Start();
            var near = new TcpClient();
            await near.ConnectAsync((System.Net.IPEndPoint)listener.LocalEndpoint, cancellationToken);
            _ = EchoAsync(await listener.AcceptTcpClientAsync(cancellationToken));
            return near.GetStream();
        }

        private async Task EchoAsync(TcpClient client)
        {
            using var open = client;
            var stream = client.GetStream();
            var buffer = new byte[8192];
            try
            {
                int read;
                while ((read = await stream.ReadAsync(buffer, CancellationToken.None)) > 0 && !buffer.AsSpan(0, read).SequenceEqual("quit"u8)) await stream.WriteAsync(buffer.AsMemory(0, read), CancellationToken.None);
            }
            catch (IOException)
            {
                // The other side was quicker.
            }

            _portClosed.TrySetResult();
        }

        public Task<Stream> OpenLogAsync(JsonObject pod, PodLogRequest request, CancellationToken cancellationToken) =>
            Task.FromResult<Stream>(new MemoryStream("a line of the log\n"u8.ToArray()));

        public async Task<int> ExecAsync(JsonObject pod, PodExecRequest request, CancellationToken cancellationToken)
        {
            await request.StandardError!.WriteAsync(Encoding.UTF8.GetBytes(string.Join('|', request.Command)), cancellationToken);
            var buffer = new byte[8192];
            int read;
            while ((read = await request.StandardInput!.ReadAsync(buffer, cancellationToken)) > 0)
            {
                Received += read;
                await request.StandardOutput!.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            }

            return 3;
        }
    }
}
