using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Resources.Kubernetes.Defaults;

namespace Zalando.Postgres.Sdk.Resources.Tests.Kubernetes.Defaults;

public sealed class KubernetesDefaultsTests
{
    [Fact]
    public void A_recorded_object_is_already_normal()
    {
        var checks = 0;
        var differences = new List<string>();
        foreach (var step in RecordedSteps.All())
        {
            foreach (var stored in step.StoredObjects())
            {
                if (RecordedSteps.KindOf(stored) is not { } kind) continue;
                checks++;
                var normal = KubernetesDefaults.Normalize(kind, stored);
                Compare(stored, normal, step + " " + kind, differences);
            }
        }

        Assert.True(checks > 500, $"only {checks} objects");
        Assert.True(differences.Count == 0, string.Join("\n", differences.Take(40)));
    }

    [Fact]
    public void What_is_sent_is_normalised_to_what_is_stored()
    {
        var checks = 0;
        var differences = new List<string>();
        foreach (var step in RecordedSteps.All().Where(s => s.Method == "POST" && s.Code == 201))
        {
            if (step.Body is not { } sent || step.Answer is not { } stored || RecordedSteps.KindOf(sent) is not { } kind || RecordedSteps.KindOf(stored) != kind) continue;
            // Reviews are answers, and the fields nobody knows (sent to see what happens) are validation's.
            if (kind.Group.EndsWith("authorization.k8s.io", StringComparison.Ordinal) && kind.Kind.EndsWith("Review", StringComparison.Ordinal)) continue;
            if (step.Topic == "validation-fields") continue;
            checks++;
            var normal = KubernetesDefaults.Normalize(kind, sent);
            // The status of a new object is the server's, and pods get a volume for their token.
            foreach (var ignored in (string[])["status", "metadata"]) normal.Remove(ignored);
            if (kind.Kind == "Node" && normal["spec"] is JsonObject node) node.Remove("taints");
            if (kind.Kind == "Pod" && normal["spec"] is JsonObject spec) foreach (var ignored in (string[])["volumes", "tolerations"]) spec.Remove(ignored);
            Missing(normal, stored, step + " " + kind, differences, kind.Kind == "Pod");
        }

        Assert.True(checks > 200, $"only {checks} objects");
        Assert.True(differences.Count == 0, string.Join("\n", differences.Take(40)));
    }

    [Fact]
    public void What_is_sent_is_normalised_once()
    {
        foreach (var step in RecordedSteps.All())
        {
            if (step.Body is not { } sent || RecordedSteps.KindOf(sent) is not { } kind) continue;
            var once = KubernetesDefaults.Normalize(kind, sent);
            var twice = KubernetesDefaults.Normalize(kind, once);
            Assert.True(JsonNode.DeepEquals(once, twice), $"{step}: {once.ToJsonString()}\n{twice.ToJsonString()}");
        }
    }

    [Fact]
    public void Nulls_and_empty_lists_and_maps_are_dropped_and_empty_objects_stay_where_they_mean_something()
    {
        var normal = Apply(KubernetesKinds.Pod, """
            {"metadata":{"name":"p","labels":{},"annotations":{"a":null},"creationTimestamp":null},
             "spec":{"hostNetwork":false,"nodeSelector":{},"containers":[{"name":"c","image":"i:1","env":[],"args":null,"securityContext":{},"stdin":false,
               "livenessProbe":{"tcpSocket":{"port":0},"timeoutSeconds":0}}],"volumes":[{"name":"v","emptyDir":{}},{"name":"w"}]}}
            """);
        var pod = normal["spec"]!.AsObject();
        var container = pod["containers"]![0]!.AsObject();
        Assert.False(normal["metadata"]!.AsObject().ContainsKey("labels"));
        Assert.False(normal["metadata"]!.AsObject().ContainsKey("creationTimestamp"));
        Assert.Equal("", (string?)normal["metadata"]!["annotations"]!["a"]);
        Assert.False(pod.ContainsKey("hostNetwork"));
        Assert.False(pod.ContainsKey("nodeSelector"));
        Assert.False(container.ContainsKey("env"));
        Assert.False(container.ContainsKey("stdin"));
        Assert.True(container.ContainsKey("securityContext"));
        Assert.Equal(1, (int?)container["livenessProbe"]!["timeoutSeconds"]);
        Assert.Equal("{}", pod["volumes"]![0]!["emptyDir"]!.ToJsonString());
        Assert.Equal("{}", pod["volumes"]![1]!["emptyDir"]!.ToJsonString());
    }

    [Theory]
    [InlineData("1024Mi", "1Gi")]
    [InlineData("1.5Gi", "1536Mi")]
    [InlineData("0.5", "500m")]
    [InlineData("1000m", "1")]
    [InlineData("100u", "1m")]
    [InlineData("1e3", "1e3")]
    [InlineData("2000M", "2G")]
    public void Quantities_are_written_as_the_server_stores_them(string written, string stored)
    {
        var normal = Apply(KubernetesKinds.PersistentVolumeClaim, """{"spec":{"resources":{"requests":{"storage":"WRITTEN"}}}}""".Replace("WRITTEN", written, StringComparison.Ordinal));
        Assert.Equal(stored, (string?)normal["spec"]!["resources"]!["requests"]!["storage"]);
    }

    [Fact]
    public void Unknown_fields_and_wrong_types_are_left_for_validation()
    {
        const string odd = """{"spec":{"replicas":"three","future":{"x":null,"y":[]},"template":{"spec":{"containers":"none","volumes":[1,null]}},"volumeClaimTemplates":{}},"metadata":[]}""";
        var normal = Apply(KubernetesKinds.StatefulSet, odd);
        Assert.Equal("three", (string?)normal["spec"]!["replicas"]);
        Assert.Equal("""{"x":null,"y":[]}""", normal["spec"]!["future"]!.ToJsonString());
        Assert.Equal("none", (string?)normal["spec"]!["template"]!["spec"]!["containers"]);
    }

    private static JsonObject Apply(KubernetesKind kind, string json)
    {
        var value = (JsonObject)JsonNode.Parse(json)!;
        KubernetesDefaults.Apply(kind, value);
        return value;
    }

    private static void Compare(JsonNode? expected, JsonNode? actual, string path, List<string> differences)
    {
        if (JsonNode.DeepEquals(expected, actual)) return;
        if (expected is JsonObject e && actual is JsonObject a)
        {
            foreach (var key in e.Select(p => p.Key).Union(a.Select(p => p.Key)))
            {
                if (!a.ContainsKey(key) || !e.ContainsKey(key)) differences.Add($"{path}.{key}: stored {(e.ContainsKey(key) ? e[key]?.ToJsonString() ?? "null" : "-")} normal {(a.ContainsKey(key) ? a[key]?.ToJsonString() ?? "null" : "-")}");
                else Compare(e[key], a[key], path + "." + key, differences);
            }
        }
        else if (expected is JsonArray x && actual is JsonArray y && x.Count == y.Count)
        {
            for (var i = 0; i < x.Count; i++) Compare(x[i], y[i], $"{path}[{i}]", differences);
        }
        else
        {
            differences.Add($"{path}: stored {expected?.ToJsonString()} normal {actual?.ToJsonString()}");
        }
    }

    private static void Missing(JsonNode? part, JsonNode? whole, string path, List<string> differences, bool pod)
    {
        if (part is JsonObject p && whole is JsonObject w)
        {
            foreach (var (key, value) in p)
            {
                if (pod && key == "volumeMounts") continue;
                if (!w.ContainsKey(key)) differences.Add($"{path}.{key}: stored - normal {value?.ToJsonString() ?? "null"}");
                else Missing(value, w[key], path + "." + key, differences, pod);
            }
        }
        else if (part is JsonArray x && whole is JsonArray y && x.Count == y.Count)
        {
            for (var i = 0; i < x.Count; i++) Missing(x[i], y[i], $"{path}[{i}]", differences, pod);
        }
        else if (!JsonNode.DeepEquals(part, whole) && whole?.ToJsonString().Contains("\\u003C", StringComparison.Ordinal) != true)
        {
            differences.Add($"{path}: stored {whole?.ToJsonString()} normal {part?.ToJsonString()}");
        }
    }
}
