using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Testing.ApiServer.Kinds;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Tables;

/// <summary>The cells of one row, kind by kind.</summary>
internal sealed class TableCells(DateTimeOffset now)
{
    /// <summary>Kinds whose table looks like that of another.</summary>
    public static IReadOnlyDictionary<string, string> Alike { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["clusterroles.rbac.authorization.k8s.io"] = "roles.rbac.authorization.k8s.io",
        ["clusterrolebindings.rbac.authorization.k8s.io"] = "rolebindings.rbac.authorization.k8s.io",
    };

    public JsonArray Of(string resource, JsonObject value) => resource switch
    {
        "pods" => Pod(value),
        "services" => Service(value),
        "statefulsets.apps" => Row(value.Name(), $"{value.Object("status").Whole("readyReplicas") ?? 0}/{value.Object("spec").Whole("replicas") ?? 0}", Age(value), Containers(value.Object("spec").Object("template")), Images(value.Object("spec").Object("template"))),
        "deployments.apps" => Row(value.Name(), $"{value.Object("status").Whole("readyReplicas") ?? 0}/{value.Object("spec").Whole("replicas") ?? 0}", value.Object("status").Whole("updatedReplicas") ?? 0L,
            value.Object("status").Whole("availableReplicas") ?? 0L, Age(value), Containers(value.Object("spec").Object("template")), Images(value.Object("spec").Object("template")), Selector(value.Object("spec").Object("selector"))),
        "replicasets.apps" => Row(value.Name(), value.Object("spec").Whole("replicas") ?? 0L, value.Object("status").Whole("replicas") ?? 0L, value.Object("status").Whole("readyReplicas") ?? 0L, Age(value),
            Containers(value.Object("spec").Object("template")), Images(value.Object("spec").Object("template")), Selector(value.Object("spec").Object("selector"))),
        "daemonsets.apps" => DaemonSet(value),
        "rolebindings.rbac.authorization.k8s.io" or "clusterrolebindings.rbac.authorization.k8s.io" => Row(value.Name(), $"{value.Object("roleRef").Text("kind")}/{value.Object("roleRef").Text("name")}", Age(value),
            Subjects(value, "User"), Subjects(value, "Group"), Subjects(value, "ServiceAccount")),
        "storageclasses.storage.k8s.io" => Row(value.Object("metadata").Object("annotations").Text("storageclass.kubernetes.io/is-default-class") == "true" ? value.Name() + " (default)" : value.Name(),
            value.Text("provisioner") ?? "", value.Text("reclaimPolicy") ?? "Delete", value.Text("volumeBindingMode") ?? "Immediate", value["allowVolumeExpansion"]?.GetValue<bool>() == true ? "true" : "false", Age(value)),
        "cronjobs.batch" => CronJob(value),
        "jobs.batch" => Job(value),
        "secrets" => Row(value.Name(), value.Text("type") ?? "", (long)(value.Object("data")?.Count ?? 0), Age(value)),
        "configmaps" => Row(value.Name(), (long)((value.Object("data")?.Count ?? 0) + (value.Object("binaryData")?.Count ?? 0)), Age(value)),
        "persistentvolumeclaims" => Claim(value),
        "persistentvolumes" => Volume(value),
        "poddisruptionbudgets.policy" => Row(value.Name(), Limit(value, "minAvailable"), Limit(value, "maxUnavailable"), value.Object("status").Whole("disruptionsAllowed") ?? 0L, Age(value)),
        "endpoints" => Row(value.Name(), Endpoints(value), Age(value)),
        "leases.coordination.k8s.io" => Row(value.Name(), value.Object("spec").Text("holderIdentity") ?? "", Age(value)),
        "events" => Event(value),
        "namespaces" => Row(value.Name(), value.Object("status").Text("phase") ?? "", Age(value)),
        "serviceaccounts" => Row(value.Name(), Age(value)),
        "nodes" => Node(value),
        _ => Row(value.Name(), value.Object("metadata").Text("creationTimestamp") ?? ""),
    };

    public JsonArray Custom(CustomKind custom, JsonObject value)
    {
        if (custom.PrinterColumns.Count == 0) return Row(value.Name(), Age(value));
        var row = Row(value.Name());
        foreach (var column in custom.PrinterColumns) row.AddNode(Cell(Find(value, column.Text("jsonPath") ?? ""), column.Text("type") ?? "string"));
        return row;
    }

    private JsonArray DaemonSet(JsonObject value)
    {
        var status = value.Object("status");
        var template = value.Object("spec").Object("template");
        var nodes = template.Object("spec").Object("nodeSelector") is { Count: > 0 } chosen ? string.Join(',', chosen.Select(static p => $"{p.Key}={p.Value.Text()}")) : "<none>";
        return Row(value.Name(), status.Whole("desiredNumberScheduled") ?? 0L, status.Whole("currentNumberScheduled") ?? 0L, status.Whole("numberReady") ?? 0L, status.Whole("updatedNumberScheduled") ?? 0L,
            status.Whole("numberAvailable") ?? 0L, nodes, Age(value), Containers(template), Images(template), Selector(value.Object("spec").Object("selector")));
    }

    private static string Subjects(JsonObject value, string kind) => string.Join(", ", (value.Array("subjects") ?? []).OfType<JsonObject>().Where(s => s.Text("kind") == kind)
        .Select(static s => s.Text("namespace") is { Length: > 0 } ns ? $"{ns}/{s.Text("name")}" : s.Text("name")));

    /// <summary>A span of time as kubectl shows it.</summary>
    public static string Human(TimeSpan span)
    {
        var seconds = (long)span.TotalSeconds;
        if (seconds < -1) return "<invalid>";
        if (seconds < 0) return "0s";
        if (seconds < 120) return $"{seconds}s";
        var minutes = seconds / 60;
        if (minutes < 10) return seconds % 60 == 0 ? $"{minutes}m" : $"{minutes}m{seconds % 60}s";
        if (minutes < 180) return $"{minutes}m";
        var hours = minutes / 60;
        if (hours < 8) return minutes % 60 == 0 ? $"{hours}h" : $"{hours}h{minutes % 60}m";
        if (hours < 48) return $"{hours}h";
        var days = hours / 24;
        if (hours < 192) return hours % 24 == 0 ? $"{days}d" : $"{days}d{hours % 24}h";
        if (days < 730) return $"{days}d";
        return days < 365 * 8 ? days % 365 == 0 ? $"{days / 365}y" : $"{days / 365}y{days % 365}d" : $"{days / 365}y";
    }

    private JsonNode? Cell(JsonNode? found, string type)
    {
        if (found is null) return null;
        switch (type)
        {
            case "date": return Since(found.Text());
            case "integer": return found.Whole() is { } whole ? JsonText.Number(whole) : null;
            case "boolean" or "number": return found is JsonValue ? found.DeepClone() : null;
            default: return found.Text() ?? (found is JsonValue value ? value.ToJsonString() : JsonText.WriteText(found));
        }
    }

    /// <summary>The simple JSON paths of printer columns: <c>.spec.size</c>, <c>.metadata.labels['a']</c>, <c>.status.conditions[?(@.type=="Ready")].status</c>.</summary>
    private static JsonNode? Find(JsonNode? node, string path)
    {
        var at = 0;
        while (node is not null && at < path.Length)
        {
            if (path[at] == '.')
            {
                at++;
                continue;
            }

            if (path[at] == '[')
            {
                var end = path.IndexOf(']', at);
                if (end < 0) return null;
                var inside = path[(at + 1)..end];
                at = end + 1;
                if (inside.StartsWith("?(@.", StringComparison.Ordinal))
                {
                    var parts = inside[4..].TrimEnd(')').Split("==");
                    if (parts.Length != 2) return null;
                    var wanted = parts[1].Trim(' ', '"', '\'');
                    node = (node as JsonArray)?.OfType<JsonObject>().FirstOrDefault(e => Find(e, parts[0].Trim()).Text() == wanted);
                }
                else if (int.TryParse(inside, out var index)) node = node is JsonArray list && index < list.Count ? list[index] : null;
                else node = (node as JsonObject)?[inside.Trim('\'', '"')];
                continue;
            }

            var start = at;
            while (at < path.Length && path[at] is not ('.' or '['))
            {
                if (path[at] == '\\') at++;
                at++;
            }

            node = (node as JsonObject)?[path[start..Math.Min(at, path.Length)].Replace("\\", "", StringComparison.Ordinal)];
        }

        return node;
    }

    private JsonArray Pod(JsonObject pod)
    {
        var spec = pod.Object("spec");
        var status = pod.Object("status");
        var containers = (spec.Array("containers")?.Count ?? 0) + (spec.Array("initContainers") ?? []).OfType<JsonObject>().Count(static c => c.Text("restartPolicy") == "Always");
        var reason = status.Text("reason") is { Length: > 0 } given ? given : status.Text("phase") ?? "";
        var ready = 0;
        var restarts = 0L;
        DateTimeOffset? lastRestart = null;
        var initializing = false;
        var initTotal = spec.Array("initContainers")?.Count ?? 0;
        var initIndex = 0;
        foreach (var state in (status.Array("initContainerStatuses") ?? []).OfType<JsonObject>())
        {
            restarts += state.Whole("restartCount") ?? 0;
            var terminated = state.Object("state").Object("terminated");
            if (terminated is not null && (terminated.Whole("exitCode") ?? 0) == 0)
            {
                initIndex++;
                continue;
            }

            if (terminated is not null) reason = terminated.Text("reason") is { Length: > 0 } why ? "Init:" + why : $"Init:ExitCode:{terminated.Whole("exitCode") ?? 0}";
            else if (state.Object("state").Object("waiting").Text("reason") is { Length: > 0 } waiting and not "PodInitializing") reason = "Init:" + waiting;
            else reason = $"Init:{initIndex}/{initTotal}";
            initializing = true;
            break;
        }

        if (!initializing)
        {
            restarts = 0;
            var running = false;
            foreach (var state in (status.Array("containerStatuses") ?? []).OfType<JsonObject>().Reverse())
            {
                restarts += state.Whole("restartCount") ?? 0;
                if (DateTimeOffset.TryParse(state.Object("lastState").Object("terminated").Text("finishedAt"), CultureInfo.InvariantCulture, out var finished) && (lastRestart is null || finished > lastRestart)) lastRestart = finished;
                var current = state.Object("state");
                if (current.Object("waiting").Text("reason") is { Length: > 0 } waiting) reason = waiting;
                else if (current.Object("terminated") is { } terminated)
                {
                    reason = terminated.Text("reason") is { Length: > 0 } why ? why
                        : (terminated.Whole("signal") ?? 0) != 0 ? $"Signal:{terminated.Whole("signal")}" : $"ExitCode:{terminated.Whole("exitCode") ?? 0}";
                }
                else if (state.Flag("ready") == true && current.Object("running") is not null)
                {
                    running = true;
                    ready++;
                }
            }

            if (reason == "Completed" && running) reason = (status.Array("conditions") ?? []).OfType<JsonObject>().Any(static c => c.Text("type") == "Ready" && c.Text("status") == "True") ? "Running" : "NotReady";
        }

        if (pod.IsDeleting()) reason = status.Text("reason") == "NodeLost" ? "Unknown" : status.Text("phase") is "Succeeded" or "Failed" ? reason : "Terminating";
        var gates = spec.Array("readinessGates") is { Count: > 0 } list
            ? $"{list.OfType<JsonObject>().Count(g => (status.Array("conditions") ?? []).OfType<JsonObject>().Any(c => c.Text("type") == g.Text("conditionType") && c.Text("status") == "True"))}/{list.Count}"
            : "<none>";
        var shown = restarts != 0 && lastRestart is { } at ? $"{restarts} ({Human(now - at)} ago)" : restarts.ToString();
        return Row(pod.Name(), $"{ready}/{containers}", reason, shown, Age(pod), Or(status.Text("podIP")), Or(spec.Text("nodeName")), Or(status.Text("nominatedNodeName")), gates);
    }

    private JsonArray Service(JsonObject service)
    {
        var spec = service.Object("spec");
        var ports = (spec.Array("ports") ?? []).OfType<JsonObject>().Select(static p =>
            (p.Whole("nodePort") ?? 0) > 0 ? $"{p.Whole("port")}:{p.Whole("nodePort")}/{p.Text("protocol")}" : $"{p.Whole("port")}/{p.Text("protocol")}").ToArray();
        var ingress = (service.Object("status").Object("loadBalancer").Array("ingress") ?? []).OfType<JsonObject>().Select(static i => i.Text("ip") ?? i.Text("hostname") ?? "").ToArray();
        var addresses = spec.Array("externalIPs").Texts().ToArray();
        var external = spec.Text("type") switch
        {
            "ExternalName" => spec.Text("externalName") ?? "",
            "LoadBalancer" => ingress.Length + addresses.Length > 0 ? string.Join(',', ingress.Concat(addresses)) : "<pending>",
            _ => addresses.Length > 0 ? string.Join(',', addresses) : "<none>",
        };
        return Row(service.Name(), spec.Text("type") ?? "", Or(spec.Text("clusterIP")), external, ports.Length == 0 ? "<none>" : string.Join(',', ports), Age(service), Labels(spec.Object("selector")));
    }

    private JsonArray CronJob(JsonObject value)
    {
        var spec = value.Object("spec");
        var template = spec.Object("jobTemplate").Object("spec").Object("template");
        return Row(value.Name(), spec.Text("schedule") ?? "", Or(spec.Text("timeZone")), spec.Flag("suspend") == true ? "True" : "False", (long)(value.Object("status").Array("active")?.Count ?? 0),
            value.Object("status").Text("lastScheduleTime") is { } last ? Since(last) : "<none>", Age(value), Containers(template), Images(template), Selector(spec.Object("jobTemplate").Object("spec").Object("selector")));
    }

    private JsonArray Job(JsonObject value)
    {
        var spec = value.Object("spec");
        var status = value.Object("status");
        var succeeded = status.Whole("succeeded") ?? 0;
        var completions = spec.Whole("completions") is { } wanted ? $"{succeeded}/{wanted}" : (spec.Whole("parallelism") ?? 0) > 1 ? $"{succeeded}/1 of {spec.Whole("parallelism")}" : $"{succeeded}/1";
        var duration = "";
        if (DateTimeOffset.TryParse(status.Text("startTime"), CultureInfo.InvariantCulture, out var start))
            duration = Human((DateTimeOffset.TryParse(status.Text("completionTime"), CultureInfo.InvariantCulture, out var end) ? end : now) - start);
        bool Has(string type) => (status.Array("conditions") ?? []).OfType<JsonObject>().Any(c => c.Text("type") == type && c.Text("status") == "True");
        var state = Has("Complete") ? "Complete" : Has("Failed") ? "Failed" : value.IsDeleting() ? "Terminating" : Has("Suspended") ? "Suspended" : Has("FailureTarget") ? "FailureTarget" : Has("SuccessCriteriaMet") ? "SuccessCriteriaMet" : "Running";
        return Row(value.Name(), state, completions, duration, Age(value), Containers(spec.Object("template")), Images(spec.Object("template")), Selector(spec.Object("selector")));
    }

    private JsonArray Claim(JsonObject value)
    {
        var bound = value.Object("spec").Text("volumeName") is { Length: > 0 };
        var phase = value.IsDeleting() ? "Terminating" : value.Object("status").Text("phase") ?? "";
        return Row(value.Name(), phase, value.Object("spec").Text("volumeName") ?? "", bound ? value.Object("status").Object("capacity").Text("storage") ?? "" : "",
            bound ? Modes(value.Object("status").Array("accessModes")) : "", value.Object("spec").Text("storageClassName") ?? "", value.Object("spec").Text("volumeAttributesClassName") ?? "<unset>", Age(value), value.Object("spec").Text("volumeMode") ?? "");
    }

    private JsonArray Volume(JsonObject value)
    {
        var spec = value.Object("spec");
        var claim = spec.Object("claimRef") is { } reference ? $"{reference.Text("namespace")}/{reference.Text("name")}" : "";
        var phase = value.IsDeleting() ? "Terminating" : value.Object("status").Text("phase") ?? "";
        return Row(value.Name(), spec.Object("capacity").Text("storage") ?? "", Modes(spec.Array("accessModes")), spec.Text("persistentVolumeReclaimPolicy") ?? "", phase, claim,
            spec.Text("storageClassName") ?? "", spec.Text("volumeAttributesClassName") ?? "<unset>", value.Object("status").Text("reason") ?? "", Age(value), spec.Text("volumeMode") ?? "<unset>");
    }

    private JsonArray Event(JsonObject value)
    {
        var first = value.Text("firstTimestamp") ?? value.Text("eventTime");
        var last = value.Object("series").Text("lastObservedTime") ?? value.Text("lastTimestamp") ?? first;
        var involved = value.Object("involvedObject");
        var source = value.Object("source").Text("component") ?? value.Text("reportingComponent") ?? "";
        if (value.Object("source").Text("host") is { Length: > 0 } host) source += ", " + host;
        return Row(last is null ? "<unknown>" : Since(last), value.Text("type") ?? "", value.Text("reason") ?? "", involved.Text("name") is { Length: > 0 } name ? $"{involved.Text("kind")?.ToLowerInvariant()}/{name}" : involved.Text("kind")?.ToLowerInvariant() ?? "",
            involved.Text("fieldPath") ?? "", source, (value.Text("message") ?? "").Trim(), first is null ? "<unknown>" : Since(first), value.Object("series").Whole("count") ?? value.Whole("count") ?? 1L, value.Name());
    }

    private JsonArray Node(JsonObject node)
    {
        var status = node.Object("status");
        var ready = (status.Array("conditions") ?? []).OfType<JsonObject>().FirstOrDefault(static c => c.Text("type") == "Ready");
        var text = ready is null ? "Unknown" : ready.Text("status") == "True" ? "Ready" : "NotReady";
        if (node.Object("spec").Flag("unschedulable") == true) text += ",SchedulingDisabled";
        var roles = (node.Object("metadata").Object("labels") ?? []).Where(static l => l.Key.StartsWith("node-role.kubernetes.io/", StringComparison.Ordinal)).Select(static l => l.Key[24..])
            .Concat(node.Object("metadata").Object("labels").Text("kubernetes.io/role") is { } role ? [role] : []).Order(StringComparer.Ordinal).ToArray();
        string Address(string type) => (status.Array("addresses") ?? []).OfType<JsonObject>().FirstOrDefault(a => a.Text("type") == type).Text("address") ?? "<none>";
        string Info(string field) => status.Object("nodeInfo").Text(field) is { Length: > 0 } info ? info : "<unknown>";
        return Row(node.Name(), text, roles.Length == 0 ? "<none>" : string.Join(',', roles), Age(node), status.Object("nodeInfo").Text("kubeletVersion") ?? "", Address("InternalIP"), Address("ExternalIP"), Info("osImage"), Info("kernelVersion"), Info("containerRuntimeVersion"));
    }

    private static string Endpoints(JsonObject value)
    {
        var all = new List<string>();
        foreach (var subset in (value.Array("subsets") ?? []).OfType<JsonObject>())
        {
            var ports = (subset.Array("ports") ?? []).OfType<JsonObject>().ToArray();
            foreach (var address in (subset.Array("addresses") ?? []).OfType<JsonObject>())
            {
                if (ports.Length == 0) all.Add(address.Text("ip") ?? "");
                all.AddRange(ports.Select(p => $"{address.Text("ip")}:{p.Whole("port")}"));
            }
        }

        if (all.Count == 0) return "<none>";
        return all.Count > 3 ? string.Join(',', all.Take(3)) + $" + {all.Count - 3} more..." : string.Join(',', all);
    }

    private static string Limit(JsonObject value, string field)
    {
        var limit = value.Object("spec")?[field];
        return limit is null ? "N/A" : limit.Text() ?? limit.ToJsonString();
    }

    private static string Modes(JsonArray? modes) => string.Join(',', modes.Texts().Select(static m => m switch
    {
        "ReadWriteOnce" => "RWO", "ReadOnlyMany" => "ROX", "ReadWriteMany" => "RWX", "ReadWriteOncePod" => "RWOP", _ => m,
    }));

    private static string Containers(JsonObject? template) => string.Join(',', (template.Object("spec").Array("containers") ?? []).OfType<JsonObject>().Select(static c => c.Text("name")));

    private static string Images(JsonObject? template) => string.Join(',', (template.Object("spec").Array("containers") ?? []).OfType<JsonObject>().Select(static c => c.Text("image")));

    private static string Selector(JsonObject? selector) => selector is null ? "<none>" : Labels(selector.Object("matchLabels"));

    private static string Labels(JsonObject? labels) => labels is not { Count: > 0 } ? "<none>" : string.Join(',', labels.OrderBy(static l => l.Key, StringComparer.Ordinal).Select(static l => $"{l.Key}={l.Value.Text()}"));

    private static string Or(string? text) => text is { Length: > 0 } ? text : "<none>";

    private string Age(JsonObject value) => Since(value.Object("metadata").Text("creationTimestamp"));

    private string Since(string? time) => DateTimeOffset.TryParse(time, CultureInfo.InvariantCulture, out var parsed) ? Human(now - parsed) : "<unknown>";

    private static JsonArray Row(params ReadOnlySpan<object> cells)
    {
        var row = new JsonArray();
        foreach (var cell in cells) row.AddNode(cell is long number ? JsonText.Number(number) : JsonValue.Create((string)cell));
        return row;
    }
}
