using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Zalando.Postgres.Sdk.Testing.ApiServer.Admission;
using Zalando.Postgres.Sdk.Testing.ApiServer.Pipeline;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Http;

/// <summary>Reads and checks what stands in the query of a request.</summary>
internal static class RequestOptions
{
    public static WriteContext Write(IQueryCollection query, string optionsKind, RequestUser user, string userAgent, bool apply = false)
    {
        var causes = new List<StatusCause>();
        var force = query["force"].ToString();
        if (optionsKind == "PatchOptions" && !apply && force.Length > 0) causes.Add(new("FieldValueForbidden", "force", "Forbidden: may not be specified for non-apply patch"));
        var manager = query["fieldManager"].ToString();
        if (apply && manager.Length == 0) causes.Add(new("FieldValueRequired", "fieldManager", "Required value: is required for apply patch"));
        if (manager.Length > 128) causes.Add(new("FieldValueTooLong", "fieldManager", "Too long: may not be more than 128 bytes"));
        for (var i = 0; i < manager.Length; i++)
        {
            if (!char.IsControl(manager[i])) continue;
            causes.Add(new("FieldValueInvalid", "fieldManager", $"Invalid value: {StatusErrors.Quote(manager)}: invalid character U+{(int)manager[i]:X4} (at position {i})"));
            break;
        }

        var dryRun = query.TryGetValue("dryRun", out var dry);
        if (dryRun && dry.Any(static d => d != "All")) causes.Add(DryRun(dry));
        var validation = query["fieldValidation"].ToString();
        if (validation is not ("" or "Ignore" or "Strict" or "Warn"))
            causes.Add(new("FieldValueNotSupported", "fieldValidation", $"Unsupported value: {StatusErrors.Quote(validation)}: supported values: \"\", \"Ignore\", \"Strict\", \"Warn\""));
        if (causes.Count > 0) throw StatusErrors.InvalidOptions(optionsKind, [.. causes]);
        return new WriteContext
        {
            User = user,
            DryRun = dryRun,
            Admission = new AdmissionSession(),
            FieldManager = manager.Length > 0 ? manager : DefaultManager(userAgent),
            FieldValidation = validation.Length > 0 ? validation : "Warn",
            Force = force is "true" or "1" or "t" or "T" or "TRUE" or "True",
        };
    }

    /// <summary>The options of a DELETE: from the body when there is one, else from the query.</summary>
    public static Pipeline.DeleteOptions Delete(IQueryCollection query, byte[] body, string? contentType)
    {
        if (body.Length > 0 && !IsBlank(body))
        {
            if (contentType is { Length: > 0 } && !contentType.StartsWith("application/json", StringComparison.Ordinal) && !contentType.StartsWith("application/yaml", StringComparison.Ordinal))
                throw StatusErrors.UnsupportedBody();
            JsonNode? node;
            try
            {
                node = YamlText.Parse(body);
            }
            catch (JsonException e)
            {
                throw StatusErrors.BadRequest("couldn't get version/kind; json parse error: " + JsonFaults.Describe(body, e));
            }

            if (node is not JsonObject json) throw StatusErrors.BadRequest("couldn't get version/kind; json parse error: json: cannot unmarshal into Go value of type struct { APIVersion string \"json:\\\"apiVersion,omitempty\\\"\"; Kind string \"json:\\\"kind,omitempty\\\"\" }");
            if (json.Text("kind") is { Length: > 0 } and not "DeleteOptions")
                throw StatusErrors.BadRequest($"no kind {StatusErrors.Quote(json.Text("kind")!)} is registered for version {StatusErrors.Quote(json.Text("apiVersion") ?? "")} in scheme \"pkg/apis/meta/internalversion/scheme/register.go:27\"");
            var dry = json.Array("dryRun").Texts().ToArray();
            return Checked(new Pipeline.DeleteOptions
            {
                GracePeriodSeconds = json.Whole("gracePeriodSeconds"),
                Uid = json.Object("preconditions").Text("uid"),
                ResourceVersion = json.Object("preconditions").Text("resourceVersion"),
                PropagationPolicy = json.Text("propagationPolicy"),
                OrphanDependents = json.Flag("orphanDependents"),
                DryRun = dry.Length > 0,
            }, dry);
        }

        var queryDry = query["dryRun"].Where(static d => d is not null).ToArray();
        return Checked(new Pipeline.DeleteOptions
        {
            GracePeriodSeconds = query.TryGetValue("gracePeriodSeconds", out var grace) && long.TryParse(grace, out var seconds) ? seconds : null,
            PropagationPolicy = query["propagationPolicy"].ToString() is { Length: > 0 } policy ? policy : null,
            OrphanDependents = query["orphanDependents"].ToString() is { Length: > 0 } orphan ? orphan == "true" : null,
            DryRun = queryDry.Length > 0,
        }, queryDry!);
    }

    public static string DefaultManager(string userAgent)
    {
        var end = userAgent.IndexOfAny(['/', ' ']);
        var name = end < 0 ? userAgent : userAgent[..end];
        return name.Length > 128 ? name[..128] : name;
    }

    private static Pipeline.DeleteOptions Checked(Pipeline.DeleteOptions delete, string[] dryRun)
    {
        var causes = new List<StatusCause>();
        if (dryRun.Any(static d => d != "All")) causes.Add(DryRun(dryRun));
        if (delete.PropagationPolicy is { } policy)
        {
            if (delete.OrphanDependents is not null)
                causes.Add(new("FieldValueInvalid", "propagationPolicy", $"Invalid value: {StatusErrors.Quote(policy)}: orphanDependents and deletionPropagation cannot be both set"));
            else if (policy is not ("Foreground" or "Background" or "Orphan"))
                causes.Add(new("FieldValueNotSupported", "propagationPolicy", $"Unsupported value: {StatusErrors.Quote(policy)}: supported values: \"Foreground\", \"Background\", \"Orphan\", \"nil\""));
        }

        if (causes.Count > 0) throw StatusErrors.InvalidOptions("DeleteOptions", [.. causes]);
        return delete;
    }

    private static StatusCause DryRun(IEnumerable<string?> values) =>
        new("FieldValueNotSupported", "dryRun", $"Unsupported value: [{string.Join(", ", values.Select(static v => StatusErrors.Quote(v ?? "")))}]: supported values: \"All\"");

    private static bool IsBlank(byte[] body) => body.All(static b => b is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t');
}
