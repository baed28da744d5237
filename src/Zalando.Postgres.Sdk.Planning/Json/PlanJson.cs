using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Planning.Json;

/// <summary>The JSON form of a <see cref="Plan"/>, without secret values.</summary>
public static class PlanJson
{
    private static readonly PlanJsonContext Compact = new(Options(indented: false));
    private static readonly PlanJsonContext Indented = new(Options(indented: true));

    /// <summary>Writes a plan. Passwords are shown as <c>&lt;password&gt;</c>, so a plan that was written and read again is for people and for approval, not for execution.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="indented">Whether to write it for people.</param>
    public static string Write(Plan plan, bool indented = false)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return JsonSerializer.Serialize(Masked(plan), (indented ? Indented : Compact).Plan);
    }

    /// <summary>A plan as JSON nodes, without secret values.</summary>
    /// <param name="plan">The plan.</param>
    public static JsonObject ToNode(Plan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return (JsonObject)JsonSerializer.SerializeToNode(Masked(plan), Compact.Plan)!;
    }

    /// <summary>Reads a plan.</summary>
    /// <param name="json">What <see cref="Write"/> wrote.</param>
    /// <exception cref="JsonException">It is no plan, or one of a newer version.</exception>
    public static Plan Read(string json)
    {
        var plan = JsonSerializer.Deserialize(json, Compact.Plan) ?? throw new JsonException("null is no plan.");
        return plan.SchemaVersion <= Plan.CurrentSchemaVersion
            ? plan
            : throw new JsonException($"The plan has version {plan.SchemaVersion}, this program reads up to {Plan.CurrentSchemaVersion}: use a newer program.");
    }

    /// <summary>JSON Schema (draft 2020-12) of what <see cref="Write"/> writes, for this <see cref="Plan.CurrentSchemaVersion"/>.</summary>
    public static JsonObject Schema()
    {
        var schema = (JsonObject)JsonSchemaExporter.GetJsonSchemaAsNode(Compact.Plan, new JsonSchemaExporterOptions
        {
            TreatNullObliviousAsNonNullable = true,
            TransformSchemaNode = static (context, node) => context.TypeInfo.Type == typeof(KubernetesKind) ? KubernetesKindJsonConverter.Schema() : node,
        });
        schema.Insert(0, "$schema", "https://json-schema.org/draft/2020-12/schema");
        schema.Insert(1, "title", $"Plan of a PostgreSQL cluster, version {Plan.CurrentSchemaVersion}");
        return schema;
    }

    internal static string HashOf(Plan plan)
    {
        var builder = new StringBuilder(1024).Append(plan.Cluster.Namespace).Append('/').Append(plan.Cluster.Name);
        foreach (var change in plan.Changes)
            builder.Append('\n').Append(JsonSerializer.Serialize(WithoutVersion(Masked(change)), (JsonTypeInfo<PlannedChange>)Compact.PlannedChange));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(builder.ToString())));
    }

    // The version of an object guards the execution; it says nothing about what is done.
    private static PlannedChange WithoutVersion(PlannedChange change) => change is PatchObject { ResourceVersion: not null } patch ? patch with { ResourceVersion = null } : change;

    private static Plan Masked(Plan plan) => plan with
    {
        Changes = plan.Changes.Select(Masked).ToArray(),
        Pending = plan.Pending.Select(p => p with { Change = Masked(p.Change) }).ToArray(),
    };

    private static PlannedChange Masked(PlannedChange change) => change switch
    {
        CreateObject create => create with { Body = SecretMask.Mask(create.Kind, create.Body) },
        PatchObject patch => patch with { Patch = SecretMask.Mask(patch.Kind, patch.Patch) },
        ReplaceObject replace => replace with { Body = SecretMask.Mask(replace.Kind, replace.Body) },
        _ => change,
    };

    // Values such as <password> stay readable; the result is never put into HTML unescaped.
    private static JsonSerializerOptions Options(bool indented) =>
        new(PlanJsonContext.Default.Options) { WriteIndented = indented, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
