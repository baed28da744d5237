using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace Zalando.Postgres.Sdk.Benchmarks.Kubernetes;

/// <summary>Answers lists and watches of pods from prepared bytes, without a network, so that only the client is measured.</summary>
internal sealed class PodServer : HttpMessageHandler
{
    private const int PerPage = 500;

    private readonly byte[][] _pages;

    public PodServer(int pods, int events)
    {
        _pages = [.. Enumerable.Range(0, (pods + PerPage - 1) / PerPage).Select(page => Page(page, Math.Min(PerPage, pods - page * PerPage), (page + 1) * PerPage < pods))];
        var watch = new StringBuilder();
        for (var i = 0; i < events; i++) watch.Append("{\"type\":\"MODIFIED\",\"object\":").Append(Pod(i % Math.Max(1, pods), 1000 + i)).Append("}\n");
        WatchBytes = Encoding.UTF8.GetBytes(watch.ToString());
    }

    public byte[] WatchBytes { get; }

    public long ListBytes => _pages.Sum(page => (long)page.Length);

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var query = request.RequestUri!.Query;
        var page = query.IndexOf("continue=", StringComparison.Ordinal) is var at and >= 0 ? int.Parse(query.AsSpan(at + 9).Slice(0, query.AsSpan(at + 9).IndexOfAnyExceptInRange('0', '9') is var end and >= 0 ? end : query.Length - at - 9)) : 0;
        var body = query.Contains("watch=true", StringComparison.Ordinal) ? WatchBytes : _pages[page];
        var content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = content });
    }

    private static byte[] Page(int page, int count, bool more)
    {
        var text = new StringBuilder($$"""{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"1000","continue":"{{(more ? page + 1 : "")}}"},"items":[""");
        for (var i = 0; i < count; i++) text.Append(i == 0 ? "" : ",").Append(Pod(page * PerPage + i, 1));
        return Encoding.UTF8.GetBytes(text.Append("]}").ToString());
    }

    // The size and shape of a pod of the operator after the server's defaulting: about 4.5 kB.
    private static string Pod(int number, int version)
    {
        var environment = string.Join(',', Enumerable.Range(0, 18).Select(i => $$"""{"name":"SETTING_{{i}}","value":"value-{{i}}-of-the-cluster"}"""));
        var fields = string.Join(',', Enumerable.Range(0, 40).Select(i => $$$"""{"f:SETTING_{{{i}}}":{".":{},"f:value":{}} }"""));
        return $$$"""
            {"kind":"Pod","apiVersion":"v1","metadata":{"name":"cluster-{{{number}}}-0","namespace":"team-{{{number % 50}}}","uid":"00000000-0000-0000-0000-{{{number:D12}}}","resourceVersion":"{{{version}}}",
            "creationTimestamp":"2026-01-01T00:00:00Z","labels":{"application":"spilo","cluster-name":"cluster-{{{number}}}","spilo-role":"master","team":"team-{{{number % 50}}}","controller-revision-hash":"cluster-5d8f"},
            "annotations":{"status":"{\"conn_url\":\"postgres://10.2.3.4:5432/postgres\",\"api_url\":\"http://10.2.3.4:8008/patroni\",\"state\":\"running\",\"role\":\"primary\",\"version\":\"3.3.0\"}"},
            "ownerReferences":[{"apiVersion":"apps/v1","kind":"StatefulSet","name":"cluster-{{{number}}}","uid":"11111111-0000-0000-0000-{{{number:D12}}}","controller":true,"blockOwnerDeletion":true}],
            "managedFields":[{"manager":"kube-controller-manager","operation":"Update","apiVersion":"v1","fieldsType":"FieldsV1","fieldsV1":{"f:spec":{"f:containers":[{{{fields}}}]} } }]},
            "spec":{"volumes":[{"name":"pgdata","persistentVolumeClaim":{"claimName":"pgdata-cluster-{{{number}}}-0"}},{"name":"dshm","emptyDir":{"medium":"Memory"}}],
            "containers":[{"name":"postgres","image":"registry/spilo-17:4.0-p2","ports":[{"containerPort":8008,"protocol":"TCP"},{"containerPort":5432,"protocol":"TCP"}],"env":[{{{environment}}}],
            "resources":{"limits":{"cpu":"1","memory":"500Mi"},"requests":{"cpu":"100m","memory":"100Mi"}},"volumeMounts":[{"name":"pgdata","mountPath":"/home/postgres/pgdata"},{"name":"dshm","mountPath":"/dev/shm"}],
            "terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File","imagePullPolicy":"IfNotPresent","securityContext":{"privileged":false,"readOnlyRootFilesystem":false,"allowPrivilegeEscalation":true} }],
            "restartPolicy":"Always","terminationGracePeriodSeconds":300,"dnsPolicy":"ClusterFirst","serviceAccountName":"postgres-pod","serviceAccount":"postgres-pod","nodeName":"node-{{{number % 20}}}","schedulerName":"default-scheduler"},
            "status":{"phase":"Running","conditions":[{"type":"Ready","status":"True","lastTransitionTime":"2026-01-01T00:00:10Z"},{"type":"PodScheduled","status":"True","lastTransitionTime":"2026-01-01T00:00:01Z"}],
            "hostIP":"10.0.0.{{{number % 250}}}","podIP":"10.2.{{{number / 250 % 250}}}.{{{number % 250}}}","startTime":"2026-01-01T00:00:01Z",
            "containerStatuses":[{"name":"postgres","state":{"running":{"startedAt":"2026-01-01T00:00:05Z"} },"ready":true,"restartCount":0,"image":"registry/spilo-17:4.0-p2","imageID":"sha256:abc","started":true}],"qosClass":"Burstable"} }
            """.ReplaceLineEndings("");
    }
}
