using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Xunit;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Testing.ApiServer;

namespace Zalando.Postgres.Sdk.Testing.Tests.ApiServer;

/// <summary>Bodies as compiled clients send them, put together by hand.</summary>
public sealed class ProtobufBodyTests
{
    [Fact]
    public async Task A_config_map_is_created_with_its_texts_and_bytes()
    {
        await using var server = await StartAsync();
        var map = Join(
            Message(1, Join(Text(1, "a"), Text(2, ""), Text(5, ""), Message(8, []), Message(11, Join(Text(1, "app"), Text(2, "x"))))),
            Message(2, Join(Text(1, "key"), Text(2, "value"))), Message(3, Join(Text(1, "raw"), Field(2, [1, 2, 255]))));

        Assert.Equal(201, await PostAsync(server, "/api/v1/namespaces/default/configmaps", "v1", "ConfigMap", map));

        var stored = server.Access.Get(KubernetesKinds.ConfigMap, "default", "a")!;
        Assert.Equal("value", (string?)stored["data"]!["key"]);
        Assert.Equal("AQL/", (string?)stored["binaryData"]!["raw"]);
        Assert.Equal("x", (string?)stored["metadata"]!["labels"]!["app"]);
        Assert.False(stored["metadata"]!.AsObject().ContainsKey("generation"));
    }

    [Fact]
    public async Task Inline_messages_quantities_and_ports_come_out_as_json_has_them()
    {
        await using var server = await StartAsync();
        // volumes: emptyDir with a size limit; container: env of a config map key, limits, a probe with a named port.
        var volume = Message(1, Join(Text(1, "v"), Message(2, Message(2, Join(Text(1, ""), Message(2, Text(1, "1Gi")))))));
        var env = Message(7, Join(Text(1, "E"), Text(2, ""), Message(3, Message(3, Join(Message(1, Text(1, "cm")), Text(2, "k"))))));
        var limits = Message(8, Message(1, Join(Text(1, "cpu"), Message(2, Text(1, "2")))));
        var probe = Message(10, Join(Message(1, Message(2, Join(Text(1, "/"), Message(2, Join(Number(1, 1), Number(2, 0), Text(3, "web")))))), Number(2, 0)));
        var container = Message(2, Join(Text(1, "c"), Text(2, "nginx"), env, limits, probe, Number(16, 0)));
        var pod = Join(Message(1, Text(1, "p")), Message(2, Join(volume, container, Number(11, 0))), Message(3, Text(1, "")));

        Assert.Equal(201, await PostAsync(server, "/api/v1/namespaces/default/pods", "v1", "Pod", pod));

        var spec = server.Access.Get(KubernetesKinds.Pod, "default", "p")!["spec"]!;
        Assert.Equal("1Gi", (string?)spec["volumes"]![0]!["emptyDir"]!["sizeLimit"]);
        var main = spec["containers"]![0]!;
        Assert.Equal("""{"key":"k","name":"cm"}""", Sorted(main["env"]![0]!["valueFrom"]!["configMapKeyRef"]!));
        Assert.Equal("2", (string?)main["resources"]!["limits"]!["cpu"]);
        Assert.Equal("web", (string?)main["livenessProbe"]!["httpGet"]!["port"]);
        Assert.False(spec.AsObject().ContainsKey("hostNetwork"));
        Assert.False(main.AsObject().ContainsKey("stdin"));
    }

    [Fact]
    public async Task The_options_of_a_deletion_are_read()
    {
        await using var server = await StartAsync();
        server.Access.Create(KubernetesKinds.ConfigMap, new JsonObject { ["metadata"] = new JsonObject { ["name"] = "a", ["namespace"] = "default" } });

        // preconditions: another uid; then dryRun: All.
        Assert.Equal(409, await SendAsync(server, HttpMethod.Delete, "/api/v1/namespaces/default/configmaps/a", "v1", "DeleteOptions", Message(2, Text(1, "other"))));
        Assert.Equal(200, await SendAsync(server, HttpMethod.Delete, "/api/v1/namespaces/default/configmaps/a", "v1", "DeleteOptions", Text(5, "All")));

        Assert.NotNull(server.Access.Get(KubernetesKinds.ConfigMap, "default", "a"));
    }

    [Theory]
    [InlineData("v1", "ConfigMap", "0aff", 400)]
    [InlineData("v1", "ConfigMap", "0b", 400)]
    [InlineData("acid.zalan.do/v1", "postgresql", "", 415)]
    public async Task A_broken_body_and_an_unknown_message_are_refused(string apiVersion, string kind, string hex, int code)
    {
        await using var server = await StartAsync();

        Assert.Equal(code, await PostAsync(server, "/api/v1/namespaces/default/configmaps", apiVersion, kind, Convert.FromHexString(hex)));
    }

    [Fact]
    public async Task A_body_without_the_magic_is_refused()
    {
        await using var server = await StartAsync();
        using var http = server.Client();

        var (code, answer) = await http.SendAsync("POST", "/api/v1/namespaces/default/configmaps", "{}", "application/vnd.kubernetes.protobuf");

        Assert.Equal(400, code);
        Assert.Contains("does not appear to be a protobuf message", (string?)answer["message"], StringComparison.Ordinal);
    }

    private static Task<InMemoryApiServer> StartAsync() => InMemoryApiServer.StartAsync(new ApiServerOptions { Controllers = [] }, Requests.Token);

    private static string Sorted(JsonNode node) => new JsonObject(node.AsObject().OrderBy(static p => p.Key, StringComparer.Ordinal).Select(static p => KeyValuePair.Create(p.Key, p.Value?.DeepClone()))).ToJsonString();

    private static Task<int> PostAsync(InMemoryApiServer server, string path, string apiVersion, string kind, byte[] raw) => SendAsync(server, HttpMethod.Post, path, apiVersion, kind, raw);

    private static async Task<int> SendAsync(InMemoryApiServer server, HttpMethod method, string path, string apiVersion, string kind, byte[] raw)
    {
        using var http = server.Client();
        using var request = new HttpRequestMessage(method, path);
        request.Content = new ByteArrayContent(Join("k8s\0"u8.ToArray(), Message(1, Join(Text(1, apiVersion), Text(2, kind))), Field(2, raw)));
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/vnd.kubernetes.protobuf");
        using var response = await http.SendAsync(request, Requests.Token);
        return (int)response.StatusCode;
    }

    private static byte[] Message(int number, byte[] content) => Field(number, content);

    private static byte[] Text(int number, string text) => Field(number, Encoding.UTF8.GetBytes(text));

    private static byte[] Number(int number, ulong value) => [.. Varint((ulong)number << 3), .. Varint(value)];

    private static byte[] Field(int number, byte[] content) => [.. Varint(((ulong)number << 3) | 2), .. Varint((ulong)content.Length), .. content];

    private static byte[] Join(params byte[][] parts) => [.. parts.SelectMany(static p => p)];

    private static List<byte> Varint(ulong value)
    {
        var bytes = new List<byte>();
        for (; value > 127; value >>= 7) bytes.Add((byte)(value | 128));
        bytes.Add((byte)value);
        return bytes;
    }
}
