using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

namespace Zalando.Postgres.Sdk.Testing.Validation;

/// <summary>Disruption budgets and roles.</summary>
internal static partial class PolicyValidation
{
    public static void Budget(JsonObject budget, FaultList faults)
    {
        var spec = budget.Object("spec") ?? [];
        if (spec.ContainsKey("minAvailable") && spec.ContainsKey("maxUnavailable")) faults.Invalid("spec", spec, "minAvailable and maxUnavailable cannot be both set");
        foreach (var field in (ReadOnlySpan<string>)["minAvailable", "maxUnavailable"])
        {
            var path = "spec." + field;
            if (spec.Whole(field) is < 0) faults.Invalid(path, spec[field], "must be greater than or equal to 0");
            if (spec.Text(field) is not { } text) continue;
            if (!Percent().IsMatch(text))
                faults.Invalid(path, text, "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')");
            else if (long.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var percent) && percent > 100)
                faults.Invalid(path, text, "must not be greater than 100%");
        }

        if (spec.Object("selector") is { } selector) SelectorValidation.Validate(selector, "spec.selector", faults);
        if (spec.Text("unhealthyPodEvictionPolicy") is { } policy and not ("IfHealthyBudget" or "AlwaysAllow"))
            faults.NotSupported("spec.unhealthyPodEvictionPolicy", policy, "AlwaysAllow", "IfHealthyBudget");
    }

    public static void Role(JsonObject role, bool namespaced, FaultList faults)
    {
        var rules = role.Array("rules") ?? [];
        for (var i = 0; i < rules.Count; i++)
        {
            if (rules[i] is not JsonObject rule) continue;
            var at = string.Create(CultureInfo.InvariantCulture, $"rules[{i}]");
            if (rule.Array("verbs") is not { Count: > 0 }) faults.Required(at + ".verbs", "verbs must contain at least one value");
            if (rule.Array("nonResourceURLs") is { Count: > 0 } urls)
            {
                if (namespaced) faults.Invalid(at + ".nonResourceURLs", urls, "namespaced rules cannot apply to non-resource URLs");
                if (rule.Array("apiGroups") is { Count: > 0 } || rule.Array("resources") is { Count: > 0 } || rule.Array("resourceNames") is { Count: > 0 })
                    faults.Invalid(at + ".nonResourceURLs", urls, "rules cannot apply to both regular resources and non-resource URLs");
                continue;
            }

            if (rule.Array("apiGroups") is not { Count: > 0 }) faults.Required(at + ".apiGroups", "resource rules must supply at least one api group");
            if (rule.Array("resources") is not { Count: > 0 }) faults.Required(at + ".resources", "resource rules must supply at least one resource");
        }
    }

    public static void Binding(JsonObject binding, JsonObject? old, bool namespaced, FaultList faults)
    {
        const string group = "rbac.authorization.k8s.io";
        var reference = binding.Object("roleRef") ?? [];
        if (reference.Text("apiGroup") != group) faults.NotSupported("roleRef.apiGroup", reference.Text("apiGroup") ?? "", group);
        var kind = reference.Text("kind") ?? "";
        if (namespaced ? kind is not ("Role" or "ClusterRole") : kind != "ClusterRole")
        {
            if (namespaced) faults.NotSupported("roleRef.kind", kind, "Role", "ClusterRole");
            else faults.NotSupported("roleRef.kind", kind, "ClusterRole");
        }

        if (reference.Text("name") is null or "") faults.Required("roleRef.name");
        var subjects = binding.Array("subjects") ?? [];
        for (var i = 0; i < subjects.Count; i++)
        {
            if (subjects[i] is not JsonObject subject) continue;
            var at = string.Create(CultureInfo.InvariantCulture, $"subjects[{i}]");
            if (subject.Text("name") is null or "") faults.Required(at + ".name");
            switch (subject.Text("kind"))
            {
                case "ServiceAccount":
                    if (!namespaced && subject.Text("namespace") is null or "" && !namespaced) faults.Required(at + ".namespace");
                    break;
                case "User" or "Group": break;
                default: faults.NotSupported(at + ".kind", subject.Text("kind") ?? "", "ServiceAccount", "User", "Group"); break;
            }
        }

        if (old is not null && !JsonNode.DeepEquals(reference, old["roleRef"])) faults.Invalid("roleRef", reference, "cannot change roleRef");
    }

    [GeneratedRegex(@"\A[0-9]+%\z")]
    private static partial Regex Percent();
}
