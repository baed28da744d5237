using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

namespace Zalando.Postgres.Sdk.Testing.Validation;

/// <summary>The spec of a pod, in a pod or in a template.</summary>
internal static partial class PodSpecValidation
{
    private static readonly string[] Handlers = ["exec", "httpGet", "tcpSocket", "grpc"];
    private static readonly string[] Probes = ["livenessProbe", "readinessProbe", "startupProbe"];

    private static readonly string[] FieldPaths =
    [
        "metadata.name", "metadata.namespace", "metadata.uid", "metadata.labels", "metadata.annotations", "spec.nodeName", "spec.serviceAccountName",
        "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs",
    ];

    private static readonly string[] VolumeSources =
    [
        "emptyDir", "hostPath", "gitRepo", "gcePersistentDisk", "awsElasticBlockStore", "secret", "nfs", "iscsi", "glusterfs", "persistentVolumeClaim", "rbd", "flexVolume",
        "configMap", "cephfs", "cinder", "downwardAPI", "fc", "flocker", "azureFile", "azureDisk", "vsphereVolume", "quobyte", "photonPersistentDisk", "portworxVolume",
        "scaleIO", "projected", "csi", "storageos", "ephemeral", "image",
    ];

    public static void Validate(JsonObject spec, string path, TemplateKind kind, FaultList faults, IEnumerable<string>? otherVolumes = null)
    {
        // Volumes of claim templates count as if they stood in front of the others.
        var claims = (otherVolumes ?? []).ToHashSet(StringComparer.Ordinal);
        var volumes = Volumes(spec.Array("volumes"), path + ".volumes", claims.Count, faults);
        volumes.UnionWith(claims);
        var names = new HashSet<string>(StringComparer.Ordinal);
        if (spec.Array("containers") is not { Count: > 0 }) faults.Required(path + ".containers");
        Containers(spec.Array("containers"), path + ".containers", volumes, names, isInit: false, faults);
        Containers(spec.Array("initContainers"), path + ".initContainers", volumes, names, isInit: true, faults);
        if (kind == TemplateKind.Pod && spec.Array("ephemeralContainers") is { Count: > 0 }) faults.Forbidden(path + ".ephemeralContainers", "cannot be set on create");
        if (spec.Text("restartPolicy") is not ("Always" or "OnFailure" or "Never")) faults.NotSupported(path + ".restartPolicy", spec.Text("restartPolicy") ?? "", "Always", "OnFailure", "Never");
        Dns(spec, path, faults);
        SecurityContext(spec.Object("securityContext"), path + ".securityContext", faults);
        if (spec.Text("serviceAccountName") is { Length: > 0 } account && NameValidation.SubdomainFault(account) is { } accountFault) faults.Invalid(path + ".serviceAccountName", account, accountFault);
        if (spec.Text("nodeName") is { Length: > 0 } node && NameValidation.SubdomainFault(node) is { } nodeFault) faults.Invalid(path + ".nodeName", node, nodeFault);
        if (spec.Object("affinity") is { } affinity) Affinity(affinity, path + ".affinity", faults);
        foreach (var field in (ReadOnlySpan<string>)["hostname", "subdomain"])
            if (spec.Text(field) is { Length: > 0 } host && NameValidation.LabelFault(host) is { } hostFault) faults.Invalid($"{path}.{field}", host, hostFault);
        Tolerations(spec.Array("tolerations"), path + ".tolerations", faults);
        if (spec.Whole("terminationGracePeriodSeconds") is < 0) faults.Invalid(path + ".terminationGracePeriodSeconds", spec["terminationGracePeriodSeconds"], "must be greater than or equal to 0");
        if (spec.Whole("activeDeadlineSeconds") is { } deadline and (< 1 or > int.MaxValue)) faults.Invalid(path + ".activeDeadlineSeconds", deadline, "must be between 1 and 2147483647, inclusive");
        if (spec.Text("preemptionPolicy") is { } preemption and not ("PreemptLowerPriority" or "Never")) faults.NotSupported(path + ".preemptionPolicy", preemption, "Never", "PreemptLowerPriority");
        Spread(spec.Array("topologySpreadConstraints"), path + ".topologySpreadConstraints", faults);
    }

    private static string At(string path, int index) => string.Create(CultureInfo.InvariantCulture, $"{path}[{index}]");

    private static HashSet<string> Volumes(JsonArray? volumes, string path, int before, FaultList faults)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < (volumes?.Count ?? 0); i++)
        {
            if (volumes![i] is not JsonObject volume) continue;
            var at = At(path, before + i);
            var sources = VolumeSources.Where(volume.ContainsKey).ToArray();
            var faulty = false;
            // The server looks at the sources in the order of its own list; the first is right, the others are too many.
            foreach (var extra in sources.Skip(1))
            {
                faults.Forbidden($"{at}.{extra}", "may not specify more than 1 volume type");
                faulty = true;
            }

            if (sources.Length == 0 && volume.Count <= 1) faults.Required(at, "must specify a volume type");
            if (sources.Length > 0) Source(volume.Object(sources[0]), sources[0], $"{at}.{sources[0]}", faults);
            var name = volume.Text("name") ?? "";
            if (name.Length == 0) faults.Required(at + ".name");
            else if (NameValidation.LabelFault(name) is { } fault) faults.Invalid(at + ".name", name, fault);
            else if (names.Contains(name)) faults.Duplicate(at + ".name", name);
            else if (!faulty) names.Add(name);
        }

        return names;
    }

    private static void Source(JsonObject? source, string kind, string path, FaultList faults)
    {
        if (source is null) return;
        switch (kind)
        {
            case "emptyDir":
                if (Quantity.TryParse(source.Text("sizeLimit"), out var size) && size.Nanos.Sign < 0) faults.Forbidden(path + ".sizeLimit", "SizeLimit field must be a valid resource quantity");
                break;
            case "configMap":
                if (source.Text("name") is null or "") faults.Required(path + ".name");
                Mode(source, path, faults);
                break;
            case "secret":
                if (source.Text("secretName") is null or "") faults.Required(path + ".secretName");
                Mode(source, path, faults);
                break;
            case "downwardAPI" or "projected":
                Mode(source, path, faults);
                break;
            case "persistentVolumeClaim":
                if (source.Text("claimName") is null or "") faults.Required(path + ".claimName");
                break;
            case "hostPath":
                if (source.Text("path") is null or "") faults.Required(path + ".path");
                break;
        }
    }

    private static void Mode(JsonObject source, string path, FaultList faults)
    {
        if (source.Whole("defaultMode") is < 0 or > 511) faults.Invalid(path + ".defaultMode", source["defaultMode"], "must be a number between 0 and 0777 (octal), both inclusive");
    }

    private static void Containers(JsonArray? containers, string path, HashSet<string> volumes, HashSet<string> names, bool isInit, FaultList faults)
    {
        for (var i = 0; i < (containers?.Count ?? 0); i++)
        {
            var container = containers![i] as JsonObject ?? [];
            var at = At(path, i);
            var name = container.Text("name") ?? "";
            if (name.Length == 0) faults.Required(at + ".name");
            else if (NameValidation.LabelFault(name) is { } fault) faults.Invalid(at + ".name", name, fault);
            else if (!names.Add(name)) faults.Duplicate(at + ".name", name);
            if (container.Text("image") is null or "") faults.Required(at + ".image");
            else if (container.Text("image")!.Trim() != container.Text("image")) faults.Invalid(at + ".image", container["image"], "must not have leading or trailing whitespace");
            if (container.Text("terminationMessagePolicy") is { } policy and not ("File" or "FallbackToLogsOnError"))
                faults.NotSupported(at + ".terminationMessagePolicy", policy, "File", "FallbackToLogsOnError");
            Ports(container.Array("ports"), at + ".ports", faults);
            Environment(container.Array("env"), at + ".env", faults);
            EnvironmentSources(container.Array("envFrom"), at + ".envFrom", faults);
            Mounts(container.Array("volumeMounts"), at + ".volumeMounts", volumes, faults);
            if (container.Text("imagePullPolicy") is { } pull and not ("Always" or "IfNotPresent" or "Never"))
                faults.NotSupported(at + ".imagePullPolicy", pull, "Always", "IfNotPresent", "Never");
            Resources(container.Object("resources"), at + ".resources", faults);
            SecurityContext(container.Object("securityContext"), at + ".securityContext", faults);
            if (container.Object("lifecycle") is { } lifecycle)
                foreach (var hook in (ReadOnlySpan<string>)["postStart", "preStop"])
                    if (lifecycle.Object(hook) is { } handler) Handler(handler, $"{at}.lifecycle.{hook}", faults, "sleep");
            if (isInit && container.Text("restartPolicy") != "Always") continue;
            foreach (var probeName in Probes)
            {
                if (container.Object(probeName) is not { } probe) continue;
                var probePath = $"{at}.{probeName}";
                Handler(probe, probePath, faults, null);
                foreach (var field in (ReadOnlySpan<string>)["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"])
                    if (probe.Whole(field) is < 0) faults.Invalid($"{probePath}.{field}", probe[field], "must be greater than or equal to 0");
                if (probeName != "readinessProbe" && probe.Whole("successThreshold") is { } threshold and not 1) faults.Invalid(probePath + ".successThreshold", threshold, "must be 1");
            }
        }
    }

    private static void Handler(JsonObject handler, string path, FaultList faults, string? other)
    {
        var count = 0;
        foreach (var type in Handlers.Concat(other is null ? [] : [other]))
        {
            if (handler[type] is not JsonObject) continue;
            if (count++ > 0) faults.Forbidden($"{path}.{type}", "may not specify more than 1 handler type");
        }

        if (count == 0) faults.Required(path, "must specify a handler type");
    }

    private static void Ports(JsonArray? ports, string path, FaultList faults)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < (ports?.Count ?? 0); i++)
        {
            if (ports![i] is not JsonObject port) continue;
            var at = At(path, i);
            if (port.Text("name") is { Length: > 0 } name)
            {
                if (name.Length > 15) faults.Invalid(at + ".name", name, "must be no more than 15 characters");
                else if (!PortName().IsMatch(name)) faults.Invalid(at + ".name", name, "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
                else if (!names.Add(name)) faults.Duplicate(at + ".name", name);
            }

            var number = port.Whole("containerPort") ?? 0;
            if (number == 0) faults.Required(at + ".containerPort");
            else if (number is < 1 or > 65535) faults.Invalid(at + ".containerPort", number, "must be between 1 and 65535, inclusive");
            if (port.Whole("hostPort") is { } host and (< 0 or > 65535)) faults.Invalid(at + ".hostPort", host, "must be between 1 and 65535, inclusive");
            if (port.Text("protocol") is not ("TCP" or "UDP" or "SCTP")) faults.NotSupported(at + ".protocol", port.Text("protocol") ?? "", "SCTP", "TCP", "UDP");
        }
    }

    private static void Environment(JsonArray? variables, string path, FaultList faults)
    {
        for (var i = 0; i < (variables?.Count ?? 0); i++)
        {
            if (variables![i] is not JsonObject variable) continue;
            var at = At(path, i);
            var name = variable.Text("name") ?? "";
            if (name.Length == 0) faults.Required(at + ".name");
            else if (name.Any(static c => c is < ' ' or > '~' or '=')) faults.Invalid(at + ".name", name, "a valid environment variable name must consist only of printable ASCII characters other than '='");
            if (variable.Object("valueFrom") is not { } source) continue;
            var from = at + ".valueFrom";
            var count = ((string[])["fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef"]).Count(source.ContainsKey);
            if (source.Object("fieldRef") is { } field) FieldReference(field, from + ".fieldRef", faults);
            foreach (var key in (ReadOnlySpan<string>)["configMapKeyRef", "secretKeyRef"])
            {
                if (source.Object(key) is not { } selector) continue;
                if (selector.Text("name") is null or "") faults.Required($"{from}.{key}.name");
                if (selector.Text("key") is null or "") faults.Required($"{from}.{key}.key");
            }

            if (count == 0) faults.Invalid(from, "", "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`");
            else if (variable.Text("value") is { Length: > 0 }) faults.Invalid(from, "", "may not be specified when `value` is not empty");
            else if (count > 1) faults.Invalid(from, "", "may not have more than one field specified at a time");
        }
    }

    private static void FieldReference(JsonObject reference, string path, FaultList faults)
    {
        var field = reference.Text("fieldPath") ?? "";
        if (field.Length == 0) faults.Required(path + ".fieldPath");
        else if (!FieldPaths.Contains(field, StringComparer.Ordinal) && !KeyedFieldPath().IsMatch(field))
            faults.Invalid(path + ".fieldPath", field, $"error converting fieldPath: field label not supported: {field}");
    }

    private static void EnvironmentSources(JsonArray? sources, string path, FaultList faults)
    {
        foreach (var source in (sources ?? []).OfType<JsonObject>())
        {
            var count = 0;
            foreach (var kind in (ReadOnlySpan<string>)["configMapRef", "secretRef"])
            {
                if (source.Object(kind) is not { } reference) continue;
                count++;
                if (reference.Text("name") is null or "") faults.Required($"{path}.{kind}.name");
            }

            if (count == 0) faults.Invalid(path, "", "must specify one of: `configMapRef` or `secretRef`");
            else if (count > 1) faults.Invalid(path, "", "may not have more than one field specified at a time");
        }
    }

    private static void Mounts(JsonArray? mounts, string path, HashSet<string> volumes, FaultList faults)
    {
        var paths = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < (mounts?.Count ?? 0); i++)
        {
            if (mounts![i] is not JsonObject mount) continue;
            var at = At(path, i);
            var name = mount.Text("name") ?? "";
            if (name.Length == 0) faults.Required(at + ".name");
            else if (!volumes.Contains(name)) faults.NotFound(at + ".name", name);
            var where = mount.Text("mountPath") ?? "";
            if (where.Length == 0) faults.Required(at + ".mountPath");
            else if (!paths.Add(where)) faults.Invalid(at + ".mountPath", where, "must be unique");
            if (mount.Text("subPath") is { Length: > 0 } && mount.Text("subPathExpr") is { Length: > 0 }) faults.Invalid(at + ".subPathExpr", mount["subPathExpr"], "subPathExpr and subPath are mutually exclusive");
        }
    }

    private static void Resources(JsonObject? resources, string path, FaultList faults)
    {
        var limits = resources.Object("limits");
        foreach (var (list, amounts) in ((string, JsonObject?)[])[("limits", limits), ("requests", resources.Object("requests"))])
        {
            foreach (var (resource, amount) in (amounts ?? []).OrderBy(static p => p.Key, StringComparer.Ordinal))
                if (Quantity.TryParse(amount.Text(), out var quantity) && quantity.Nanos.Sign < 0)
                    faults.Invalid($"{path}.{list}[{resource}]", amount, "must be greater than or equal to 0");
        }

        foreach (var (resource, request) in (resources.Object("requests") ?? []).OrderBy(static p => p.Key, StringComparer.Ordinal))
        {
            if (Quantity.TryParse(request.Text(), out var wanted) && Quantity.TryParse(limits.Text(resource), out var limit) && wanted > limit)
                faults.Invalid(path + ".requests", request, $"must be less than or equal to {resource} limit of {limits.Text(resource)}");
        }
    }

    private static void SecurityContext(JsonObject? context, string path, FaultList faults)
    {
        foreach (var field in (ReadOnlySpan<string>)["fsGroup", "runAsUser", "runAsGroup"])
            if (context.Whole(field) is { } id and (< 0 or > int.MaxValue)) faults.Invalid($"{path}.{field}", id, "must be between 0 and 2147483647, inclusive");
    }

    private static void Dns(JsonObject spec, string path, FaultList faults)
    {
        var policy = spec.Text("dnsPolicy");
        if (policy is not ("ClusterFirstWithHostNet" or "ClusterFirst" or "Default" or "None"))
            faults.NotSupported(path + ".dnsPolicy", policy ?? "", "ClusterFirst", "ClusterFirstWithHostNet", "Default", "None");
        if (policy != "None") return;
        if (spec.Object("dnsConfig") is not { } config) faults.Required(path + ".dnsConfig", "must provide `dnsConfig` when `dnsPolicy` is None");
        else if (config.Array("nameservers") is not { Count: > 0 }) faults.Required(path + ".dnsConfig.nameservers", "must provide at least one DNS nameserver when `dnsPolicy` is None");
    }

    private static void Affinity(JsonObject affinity, string path, FaultList faults)
    {
        if (affinity.Object("nodeAffinity") is { } node)
        {
            const string required = "requiredDuringSchedulingIgnoredDuringExecution";
            if (node.Object(required) is { } selector)
            {
                var terms = selector.Array("nodeSelectorTerms");
                if (terms is not { Count: > 0 }) faults.Required($"{path}.nodeAffinity.{required}.nodeSelectorTerms", "must have at least one node selector term");
                for (var i = 0; i < (terms?.Count ?? 0); i++) NodeTerm(terms![i] as JsonObject, At($"{path}.nodeAffinity.{required}.nodeSelectorTerms", i), faults);
            }

            const string preferred = "preferredDuringSchedulingIgnoredDuringExecution";
            var preferences = node.Array(preferred);
            for (var i = 0; i < (preferences?.Count ?? 0); i++)
            {
                if (preferences![i] is not JsonObject preference) continue;
                var at = At($"{path}.nodeAffinity.{preferred}", i);
                if (preference.Whole("weight") is not (>= 1 and <= 100)) faults.Invalid(at + ".weight", preference["weight"], "must be in the range 1-100");
                NodeTerm(preference.Object("preference"), at + ".preference", faults);
            }
        }

        foreach (var kind in (ReadOnlySpan<string>)["podAffinity", "podAntiAffinity"])
        {
            var terms = affinity.Object(kind).Array("requiredDuringSchedulingIgnoredDuringExecution");
            for (var i = 0; i < (terms?.Count ?? 0); i++)
                if (terms![i] is JsonObject term && term.Text("topologyKey") is null or "")
                    faults.Required(At($"{path}.{kind}.requiredDuringSchedulingIgnoredDuringExecution", i) + ".topologyKey", "can not be empty");
        }
    }

    private static void NodeTerm(JsonObject? term, string path, FaultList faults)
    {
        var expressions = term.Array("matchExpressions");
        for (var i = 0; i < (expressions?.Count ?? 0); i++)
        {
            if (expressions![i] is not JsonObject expression) continue;
            var at = At(path + ".matchExpressions", i);
            switch (expression.Text("operator"))
            {
                case "In" or "NotIn":
                    if (expression.Array("values") is not { Count: > 0 }) faults.Required(at + ".values", "must be specified when `operator` is 'In' or 'NotIn'");
                    break;
                case "Exists" or "DoesNotExist":
                    if (expression.Array("values") is { Count: > 0 }) faults.Forbidden(at + ".values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
                    break;
                case "Gt" or "Lt":
                    if (expression.Array("values") is not { Count: 1 }) faults.Required(at + ".values", "must be specified single value when `operator` is 'Lt' or 'Gt'");
                    break;
                default:
                    faults.Invalid(at + ".operator", expression.Text("operator") ?? "", "not a valid selector operator");
                    break;
            }
        }
    }

    private static void Tolerations(JsonArray? tolerations, string path, FaultList faults)
    {
        for (var i = 0; i < (tolerations?.Count ?? 0); i++)
        {
            if (tolerations![i] is not JsonObject toleration) continue;
            var at = At(path, i);
            var operation = toleration.Text("operator") ?? "";
            if (toleration.Text("key") is null or "" && operation != "Exists")
                faults.Invalid(at + ".operator", operation, "operator must be Exists when `key` is empty, which means \"match all values and all keys\"");
            if (toleration.ContainsKey("tolerationSeconds") && toleration.Text("effect") != "NoExecute")
                faults.Invalid(at + ".effect", toleration.Text("effect") ?? "", "effect must be 'NoExecute' when `tolerationSeconds` is set");
            switch (operation)
            {
                case "" or "Equal": break;
                case "Exists":
                    if (toleration.Text("value") is { Length: > 0 } value) faults.Invalid(at + ".operator", value, "value must be empty when `operator` is 'Exists'");
                    break;
                default:
                    faults.NotSupported(at + ".operator", operation, "Equal", "Exists");
                    break;
            }

            if (toleration.Text("effect") is { Length: > 0 } effect and not ("NoSchedule" or "PreferNoSchedule" or "NoExecute"))
                faults.NotSupported(at + ".effect", effect, "NoSchedule", "PreferNoSchedule", "NoExecute");
        }
    }

    private static void Spread(JsonArray? constraints, string path, FaultList faults)
    {
        for (var i = 0; i < (constraints?.Count ?? 0); i++)
        {
            if (constraints![i] is not JsonObject constraint) continue;
            var at = At(path, i);
            if (constraint.Whole("maxSkew") is not > 0) faults.Invalid(at + ".maxSkew", constraint["maxSkew"] ?? 0, "must be greater than zero");
            if (constraint.Text("topologyKey") is null or "") faults.Required(at + ".topologyKey", "can not be empty");
            if (constraint.Text("whenUnsatisfiable") is not ("DoNotSchedule" or "ScheduleAnyway"))
                faults.NotSupported(at + ".whenUnsatisfiable", constraint.Text("whenUnsatisfiable") ?? "", "DoNotSchedule", "ScheduleAnyway");
        }
    }

    [GeneratedRegex(@"\A[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\z", RegexOptions.IgnoreCase)]
    private static partial Regex PortName();

    [GeneratedRegex(@"\Ametadata\.(?:labels|annotations)\['[^']*'\]\z")]
    private static partial Regex KeyedFieldPath();
}
