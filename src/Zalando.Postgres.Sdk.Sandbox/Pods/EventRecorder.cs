using System.Globalization;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Sandbox.Progress;
using Zalando.Postgres.Sdk.Testing.ApiServer;
using Zalando.Postgres.Sdk.Testing.Controllers;

namespace Zalando.Postgres.Sdk.Sandbox.Pods;

/// <summary>Writes Events of pods, counts repeated ones, and passes them to those who watch the sandbox.</summary>
internal sealed class EventRecorder(IApiAccess api, NoticeBoard notices, TimeProvider time)
{
    private const string Component = "sandbox";

    private readonly Lock _lock = new();
    private readonly Dictionary<(string Uid, string Reason, string Message), string> _written = [];
    private long _number;

    public void Record(Pod pod, NoticeSeverity severity, string reason, string message)
    {
        var space = pod.Metadata.Namespace ?? string.Empty;
        var name = pod.Metadata.Name ?? string.Empty;
        notices.Post(severity, $"{space}/{name}", reason, message);
        try
        {
            Write(pod, space, name, severity, reason, message);
        }
        catch (ApiStatusException)
        {
            // An Event tells; nothing hangs on it (the namespace may be going).
        }
    }

    private void Write(Pod pod, string space, string name, NoticeSeverity severity, string reason, string message)
    {
        lock (_lock)
        {
            var now = time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
            var key = (pod.Metadata.Uid ?? string.Empty, reason, message);
            if (_written.TryGetValue(key, out var earlier) && api.Get(KubernetesKinds.Event, space, earlier) is { } stored)
            {
                stored["count"] = (stored["count"]?.GetValue<int>() ?? 1) + 1;
                stored["lastTimestamp"] = now;
                api.Update(KubernetesKinds.Event, stored);
                return;
            }

            var eventName = $"{name}.{time.GetUtcNow().ToUnixTimeMilliseconds().ToString("x", CultureInfo.InvariantCulture)}{(++_number).ToString("x4", CultureInfo.InvariantCulture)}";
            _written[key] = eventName;
            api.Create(KubernetesKinds.Event, new JsonObject
            {
                ["apiVersion"] = "v1",
                ["kind"] = "Event",
                ["metadata"] = new JsonObject { ["name"] = eventName, ["namespace"] = space },
                ["involvedObject"] = new JsonObject
                {
                    ["apiVersion"] = "v1",
                    ["kind"] = "Pod",
                    ["namespace"] = space,
                    ["name"] = name,
                    ["uid"] = pod.Metadata.Uid,
                },
                ["reason"] = reason,
                ["message"] = message,
                ["type"] = severity == NoticeSeverity.Warning ? "Warning" : "Normal",
                ["source"] = new JsonObject { ["component"] = Component, ["host"] = pod.Spec?.NodeName },
                ["firstTimestamp"] = now,
                ["lastTimestamp"] = now,
                ["count"] = 1,
                ["reportingComponent"] = Component,
                ["reportingInstance"] = pod.Spec?.NodeName ?? string.Empty,
            });
        }
    }
}
