using System.Globalization;
using System.Text;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Sandbox.Pods;

/// <summary>The environment of a container as the kubelet makes it: <c>envFrom</c>, then <c>env</c> with references and <c>$(NAME)</c> resolved; the last of equal names counts.</summary>
internal static class PodEnvironment
{
    public static Dictionary<string, string> Resolve(Pod pod, Container container, string podAddress, string nodeAddress, PodObjects objects)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        var space = pod.Metadata.Namespace ?? string.Empty;
        foreach (var source in container.EnvFrom ?? [])
        {
            var (kind, name, optional, found) = source switch
            {
                { SecretRef: { } secret } => ("secret", secret.Name, secret.Optional, objects.Secret(space, secret.Name ?? string.Empty)),
                { ConfigMapRef: { } map } => ("configmap", map.Name, map.Optional, objects.ConfigMap(space, map.Name ?? string.Empty)),
                _ => ("source", string.Empty, true, null),
            };
            if (found is null && optional != true) throw new PodConfigurationException($"{kind} \"{name}\" not found");
            foreach (var (key, value) in found ?? new Dictionary<string, byte[]>(StringComparer.Ordinal)) values[source.Prefix + key] = Encoding.UTF8.GetString(value);
        }

        foreach (var variable in container.Env ?? [])
        {
            if (variable.Name is not { Length: > 0 } name) continue;
            var value = variable.ValueFrom is { } source ? FromSource(pod, container, source, podAddress, nodeAddress, objects) : Expand(variable.Value ?? string.Empty, values);
            if (value is not null) values[name] = value;
        }

        return values;
    }

    /// <summary>Replaces <c>$(NAME)</c> by values known so far; <c>$$(NAME)</c> stays as <c>$(NAME)</c>, unknown names stay as they are.</summary>
    public static string Expand(string text, IReadOnlyDictionary<string, string> values)
    {
        if (!text.Contains('$', StringComparison.Ordinal)) return text;
        var result = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '$' || i + 1 == text.Length)
            {
                result.Append(text[i]);
            }
            else if (text[i + 1] == '$')
            {
                result.Append('$');
                i++;
            }
            else if (text[i + 1] == '(' && text.IndexOf(')', i) is var end and > 0)
            {
                var name = text[(i + 2)..end];
                result.Append(values.TryGetValue(name, out var value) ? value : text[i..(end + 1)]);
                i = end;
            }
            else
            {
                result.Append('$');
            }
        }

        return result.ToString();
    }

    private static string? FromSource(Pod pod, Container container, EnvVarSource source, string podAddress, string nodeAddress, PodObjects objects)
    {
        var space = pod.Metadata.Namespace ?? string.Empty;
        if (source.SecretKeyRef is { } secret) return Key("secret", secret.Name, secret.Key, secret.Optional, objects.Secret(space, secret.Name ?? string.Empty));
        if (source.ConfigMapKeyRef is { } map) return Key("configmap", map.Name, map.Key, map.Optional, objects.ConfigMap(space, map.Name ?? string.Empty));
        if (source.FieldRef is { } field) return Field(pod, field.FieldPath ?? string.Empty, podAddress, nodeAddress);
        if (source.ResourceFieldRef is { } resource) return Resource(container, resource.Resource ?? string.Empty);
        throw new PodConfigurationException("an environment variable has a source that the sandbox does not know");
    }

    private static string? Key(string kind, string? name, string? key, bool? optional, IReadOnlyDictionary<string, byte[]>? found)
    {
        if (found is not null && key is not null && found.TryGetValue(key, out var value)) return Encoding.UTF8.GetString(value);
        if (optional == true) return null;
        throw new PodConfigurationException(found is null ? $"{kind} \"{name}\" not found" : $"couldn't find key {key} in {kind} \"{name}\"");
    }

    private static string Field(Pod pod, string path, string podAddress, string nodeAddress)
    {
        var metadata = pod.Metadata;
        return path switch
        {
            "metadata.name" => metadata.Name ?? string.Empty,
            "metadata.namespace" => metadata.Namespace ?? string.Empty,
            "metadata.uid" => metadata.Uid ?? string.Empty,
            "spec.nodeName" => pod.Spec?.NodeName ?? string.Empty,
            "spec.serviceAccountName" => pod.Spec?.ServiceAccountName ?? string.Empty,
            "status.podIP" or "status.podIPs" => podAddress,
            "status.hostIP" or "status.hostIPs" => nodeAddress,
            _ when Subscript(path, "metadata.labels['") is { } label => metadata.Labels?.GetValueOrDefault(label) ?? string.Empty,
            _ when Subscript(path, "metadata.annotations['") is { } annotation => metadata.Annotations?.GetValueOrDefault(annotation) ?? string.Empty,
            _ => throw new PodConfigurationException($"the field {path} cannot be an environment variable"),
        };
    }

    private static string? Subscript(string path, string start) =>
        path.StartsWith(start, StringComparison.Ordinal) && path.EndsWith("']", StringComparison.Ordinal) ? path[start.Length..^2] : null;

    private static string Resource(Container container, string resource)
    {
        var parts = resource.Split('.', 2);
        var values = parts[0] == "limits" ? container.Resources?.Limits : container.Resources?.Requests;
        if (parts.Length < 2 || values is null || !values.TryGetValue(parts[1], out var quantity)) return "0";
        return quantity.Value.ToString(CultureInfo.InvariantCulture);
    }
}
