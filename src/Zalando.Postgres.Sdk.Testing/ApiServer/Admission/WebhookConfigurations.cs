using System.Globalization;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Testing.ApiServer.Selectors;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Admission;

/// <summary>Defaults and rules of webhook configurations.</summary>
internal static class WebhookConfigurations
{
    public static void Complete(JsonObject configuration, bool mutating)
    {
        foreach (var webhook in (configuration.Array("webhooks") ?? []).OfType<JsonObject>())
        {
            webhook["failurePolicy"] ??= "Fail";
            webhook["matchPolicy"] ??= "Equivalent";
            webhook["namespaceSelector"] ??= new JsonObject();
            webhook["objectSelector"] ??= new JsonObject();
            webhook["timeoutSeconds"] ??= JsonText.Number(10);
            if (mutating) webhook["reinvocationPolicy"] ??= "Never";
            foreach (var rule in (webhook.Array("rules") ?? []).OfType<JsonObject>()) rule["scope"] ??= "*";
            if (webhook.Object("clientConfig").Object("service") is { } service) service["port"] ??= JsonText.Number(443);
        }
    }

    public static void Validate(JsonObject configuration, List<StatusCause> causes)
    {
        var webhooks = (configuration.Array("webhooks") ?? []).OfType<JsonObject>().ToArray();
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < webhooks.Length; i++)
        {
            var at = string.Create(CultureInfo.InvariantCulture, $"webhooks[{i}]");
            var name = webhooks[i].Text("name") ?? "";
            if (name.Length == 0) causes.Add(new("FieldValueRequired", at + ".name", "Required value"));
            else if (!LabelSyntax.IsSubdomain(name) || name.Split('.').Length < 3) causes.Add(Invalid(at + ".name", name, "should be a domain with at least three segments separated by dots"));
            else if (!names.Add(name)) causes.Add(new("FieldValueDuplicate", at + ".name", "Duplicate value: " + StatusErrors.Quote(name)));
            if (webhooks[i].Array("admissionReviewVersions") is not { Count: > 0 } versions) causes.Add(new("FieldValueRequired", at + ".admissionReviewVersions", "Required value: must specify one of v1, v1beta1"));
            else if (!versions.Texts().Contains("v1")) causes.Add(new("FieldValueInvalid", at + ".admissionReviewVersions", $"Invalid value: {JsonText.WriteText(versions)}: must include at least one of v1"));
            NotIn(webhooks[i], "failurePolicy", at, causes, "Fail", "Ignore");
            NotIn(webhooks[i], "matchPolicy", at, causes, "Equivalent", "Exact");
            NotIn(webhooks[i], "reinvocationPolicy", at, causes, "IfNeeded", "Never");
            if (webhooks[i].Text("sideEffects") is null or "") causes.Add(new("FieldValueRequired", at + ".sideEffects", "Required value: must specify one of None, NoneOnDryRun"));
            else NotIn(webhooks[i], "sideEffects", at, causes, "None", "NoneOnDryRun");
            if (webhooks[i].Whole("timeoutSeconds") is < 1 or > 30) causes.Add(Invalid(at + ".timeoutSeconds", webhooks[i]["timeoutSeconds"]!.ToJsonString(), "the timeout value must be between 1 and 30 seconds"));
            Client(webhooks[i].Object("clientConfig"), at + ".clientConfig", causes);
            Rules(webhooks[i], at, causes);
        }
    }

    private static void Client(JsonObject? client, string at, List<StatusCause> causes)
    {
        var service = client.Object("service");
        if (client.Text("url") is not null == service is not null)
        {
            causes.Add(new("FieldValueRequired", at, "Required value: exactly one of url or service is required"));
            return;
        }

        // The real server wants https; here plain http is taken too, so that a test needs no certificate.
        if (client.Text("url") is { } url && !(Uri.TryCreate(url, UriKind.Absolute, out var parsed) && parsed.Scheme is "https" or "http")) causes.Add(Invalid(at + ".url", url, "'https' is the only allowed URL scheme"));
        if (service is null) return;
        foreach (var field in (ReadOnlySpan<string>)["name", "namespace"])
        {
            if (service.Text(field) is null or "") causes.Add(new("FieldValueRequired", $"{at}.service.{field}", $"Required value: service {field} is required"));
        }
    }

    private static void Rules(JsonObject webhook, string at, List<StatusCause> causes)
    {
        var rules = (webhook.Array("rules") ?? []).OfType<JsonObject>().ToArray();
        for (var i = 0; i < rules.Length; i++)
        {
            var path = string.Create(CultureInfo.InvariantCulture, $"{at}.rules[{i}]");
            foreach (var field in (ReadOnlySpan<string>)["operations", "apiGroups", "apiVersions", "resources"])
            {
                if (rules[i].Array(field) is not { Count: > 0 }) causes.Add(new("FieldValueRequired", $"{path}.{field}", "Required value"));
            }

            foreach (var operation in rules[i].Array("operations").Texts().Where(static o => o is not ("*" or "CREATE" or "UPDATE" or "DELETE" or "CONNECT")))
                causes.Add(new("FieldValueNotSupported", path + ".operations", $"Unsupported value: {StatusErrors.Quote(operation)}: supported values: \"*\", \"CONNECT\", \"CREATE\", \"DELETE\", \"UPDATE\""));
            NotIn(rules[i], "scope", path, causes, "*", "Cluster", "Namespaced");
        }
    }

    private static void NotIn(JsonObject value, string field, string at, List<StatusCause> causes, params string[] allowed)
    {
        if (value.Text(field) is { } text && !allowed.Contains(text))
            causes.Add(new("FieldValueNotSupported", $"{at}.{field}", $"Unsupported value: {StatusErrors.Quote(text)}: supported values: {string.Join(", ", allowed.Select(StatusErrors.Quote))}"));
    }

    private static StatusCause Invalid(string field, string value, string why) => new("FieldValueInvalid", field, $"Invalid value: {StatusErrors.Quote(value)}: {why}");
}
